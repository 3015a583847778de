"""Why share parameters over time: three models learn to find the year, and meet it where it never stood before.

After Goodfellow, Bengio & Courville (2016, ch. 10): "In 2009, I went to Nepal" and "I went to Nepal in 2009". A
recurrent network uses one set of weights at every step; a network with a fixed window has weights of its own for every
position; a convolution shares weights, but sees few neighbours. All get the same embedding size, batches and seed.

Measured with the year in the middle or at the end in training (400 steps, 3.5 s, seeds 0 to 4): at the front, where it
never stood, the recurrent network finds it in 96 to 100 %, the convolution in 100 %, the window in 4 to 9 % of the
sentences; on texts longer than in training in 99 to 100, 100 and 4 to 6 %. Trained with the year at the front alone,
the recurrent network fails at the end too (7 to 20 %, 3 seeds): sharing weights is needed, but it is not all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F

from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import initialise
from rnnviz.engine.sequence import NO_TARGET
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks.base import padded
from rnnviz.engine.tasks.year import ACTIONS, LANDS, PEOPLE, PLACES, YEARS, Year, draw_sentence, pick
from rnnviz.engine.training_model import TorchModel
from rnnviz.engine.training_optimiser import make_optimiser

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from rnnviz.engine.tasks.base import Batch

    Array = np.ndarray[Any, np.dtype[Any]]

EMBEDDING, HIDDEN, KERNEL = 16, 32, 3
TESTED = 200
PART = 25
"""Test sentences that are drawn, and answered, without a pause."""
LONGER = "longer"


@dataclass(frozen=True)
class SharingScore:
    """One of the three models.

    Attributes:
        key: "rnn", "mlp" or "cnn".
        parameter_count: all numbers it learns, the embedding included.
        accuracy: share of sentences answered right for each place of the year (:data:`PLACES`).
        longer: the same on texts longer than any in training; the window model reads only their beginning.
        loss: of the last batch, in nats.
        parameters_for_longer: how many numbers it would take for texts of twice as many words.
    """

    key: str
    parameter_count: int
    accuracy: Mapping[str, float]
    longer: float
    loss: float
    parameters_for_longer: int


@dataclass(frozen=True)
class SharingReport:
    """All three after ``step`` training steps on sentences with the year at ``trained_at`` alone."""

    step: int
    trained_at: tuple[str, ...]
    models: tuple[SharingScore, ...]


@dataclass(frozen=True)
class SharingMean:
    """One of the three models over several seeds: mean, lowest and highest share by place and for :data:`LONGER`."""

    key: str
    parameter_count: int
    parameters_for_longer: int
    mean: Mapping[str, float]
    lowest: Mapping[str, float]
    highest: Mapping[str, float]
    loss: float


def averaged(reports: Sequence[SharingReport]) -> tuple[SharingMean, ...]:
    """The same models over the reports of several seeds. Raises SpecError where they are not equally trained."""
    if len({(report.step, report.trained_at) for report in reports}) != 1:
        raise SpecError(
            "The reports are of different training steps or places; give reports of one kind, at least one."
        )
    found = []
    for same in zip(*(report.models for report in reports), strict=True):
        shares = {place: [score.accuracy[place] for score in same] for place in PLACES}
        shares[LONGER] = [score.longer for score in same]
        found.append(
            SharingMean(
                same[0].key,
                same[0].parameter_count,
                same[0].parameters_for_longer,
                {place: float(np.mean(each)) for place, each in shares.items()},
                {place: min(each) for place, each in shares.items()},
                {place: max(each) for place, each in shares.items()},
                float(np.mean([score.loss for score in same])),
            )
        )
    return tuple(found)


class _Learner(ABC):
    """Weights by name, logits (B, classes) of padded sentences, one optimiser step."""

    key: str

    def __init__(self, task: Year, spec: TrainingSpec) -> None:
        self.task, self.spec, self.loss = task, spec, float("nan")
        self.weights = self._make(np.random.default_rng([spec.seed, 5]))
        self._optimiser = make_optimiser(spec, self.weights)

    @abstractmethod
    def _make(self, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """Fresh weights."""

    @abstractmethod
    def logits(self, batch: Batch) -> torch.Tensor:
        """(B, classes) at the last word of each sentence."""

    @property
    def parameter_count(self) -> int:
        return sum(weight.numel() for weight in self.weights.values())

    @property
    def parameters_for_longer(self) -> int:
        """The same for texts of twice as many words: shared weights serve any number of steps."""
        return self.parameter_count

    def learn(self, batch: Batch) -> None:
        self._optimiser.zero_grad()
        loss = F.cross_entropy(self.logits(batch), _answers(batch))
        torch.autograd.backward(loss)
        gradients = [weight.grad for weight in self.weights.values() if weight.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        if self.spec.clip and norm > self.spec.clip:
            torch._foreach_mul_(gradients, self.spec.clip / norm)
        self._optimiser.step()
        self.loss = float(loss.detach())

    def accuracy(self, batch: Batch) -> float:
        with torch.no_grad():
            return float((self.logits(batch).argmax(-1) == _answers(batch)).float().mean())


class _Recurrent(_Learner):
    key = "rnn"

    def _make(self, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        del rng
        model = ModelSpec(cell="gru", hidden=HIDDEN, embedding=EMBEDDING)
        network = initialise(model, self.task.input_size, self.task.output_size, self.spec.seed)
        self._model = TorchModel(network, "cpu")
        return self._model.weights

    def logits(self, batch: Batch) -> torch.Tensor:
        every = self._model.logits(batch.ids, batch.lengths)
        return every[torch.from_numpy(_lengths(batch) - 1), torch.arange(len(batch.ids))]


class _Window(_Learner):
    """One hidden layer over all positions of a window as long as the longest sentence of the training."""

    key = "mlp"

    @property
    def parameters_for_longer(self) -> int:
        """Every further position has weights of its own."""
        return self.parameter_count + self.weights["hidden"].numel()

    def _make(self, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        width = self.task.length * EMBEDDING
        return {
            "embedding": _normal(rng, (self.task.input_size, EMBEDDING)),
            "hidden": _uniform(rng, width, (HIDDEN, width)),
            "bias": _uniform(rng, width, (HIDDEN,)),
            "output": _uniform(rng, HIDDEN, (self.task.output_size, HIDDEN)),
            "output bias": _uniform(rng, HIDDEN, (self.task.output_size,)),
        }

    def logits(self, batch: Batch) -> torch.Tensor:
        ids = torch.from_numpy(batch.ids[:, : self.task.length])
        missing = self.task.length - ids.shape[1]
        real = torch.arange(ids.shape[1]) < torch.from_numpy(_lengths(batch))[:, None]
        vectors = F.pad(F.embedding(ids, self.weights["embedding"]) * real[..., None], (0, 0, 0, missing))
        hidden = torch.relu(F.linear(vectors.flatten(1), self.weights["hidden"], self.weights["bias"]))
        return F.linear(hidden, self.weights["output"], self.weights["output bias"])


class _Convolution(_Learner):
    """A convolution over three neighbouring words, the largest answer anywhere, a read-out."""

    key = "cnn"

    def _make(self, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        width = KERNEL * EMBEDDING
        return {
            "embedding": _normal(rng, (self.task.input_size, EMBEDDING)),
            "kernel": _uniform(rng, width, (HIDDEN, EMBEDDING, KERNEL)),
            "bias": _uniform(rng, width, (HIDDEN,)),
            "output": _uniform(rng, HIDDEN, (self.task.output_size, HIDDEN)),
            "output bias": _uniform(rng, HIDDEN, (self.task.output_size,)),
        }

    def logits(self, batch: Batch) -> torch.Tensor:
        real = torch.arange(batch.ids.shape[1]) < torch.from_numpy(_lengths(batch))[:, None]
        vectors = F.embedding(torch.from_numpy(batch.ids), self.weights["embedding"]) * real[..., None]
        found = F.conv1d(vectors.transpose(1, 2), self.weights["kernel"], self.weights["bias"], padding=KERNEL // 2)
        best = torch.relu(found).masked_fill(~real[:, None], 0).amax(2)
        return F.linear(best, self.weights["output"], self.weights["output bias"])


@dataclass
class SharingExperiment:
    """The three models and the sentences they learn from: the year stands only at the places ``trained_at``.

    ``tests`` are the test sentences by seed; experiments may share them.
    """

    trained_at: tuple[str, ...] = ("middle", "end")
    training: TrainingSpec = field(default_factory=TrainingSpec)
    tests: dict[int, dict[str, list[Batch]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = [place for place in self.trained_at if place not in PLACES]
        if unknown or not self.trained_at:
            raise SpecError(f"The places are {', '.join(self.trained_at) or 'none'}; choose from {', '.join(PLACES)}.")
        torch.set_num_threads(1)
        self.task = Year(TaskSpec(name="year"))
        self.models = [model(self.task, self.training) for model in (_Recurrent, _Window, _Convolution)]
        self._rng = np.random.default_rng([self.training.seed, 1])
        self.step = 0

    def learn(self, steps: int) -> Iterator[int]:
        """Train all three on the same batches; yields the number of steps done after each."""
        for _ in range(steps):
            batch = self.task.placed_batch(self._rng, self.training.batch_size, self.trained_at)
            for model in self.models:
                model.learn(batch)
            self.step += 1
            yield self.step

    def report(self, seed: int = 0) -> SharingReport:
        """Test all three on the same fresh sentences."""
        slices = self.report_slices(seed)
        while True:
            try:
                next(slices)
            except StopIteration as finished:
                found: SharingReport = finished.value
                return found

    def report_slices(self, seed: int = 0) -> Generator[None, None, SharingReport]:
        """:meth:`report` in slices of some milliseconds; the sentences of a seed are drawn once."""
        step = self.step
        if seed not in self.tests:
            self.tests[seed] = yield from self._drawn_slices(np.random.default_rng([seed, 6]))
        scores = []
        for model in self.models:
            accuracy = {}
            for kind, parts in self.tests[seed].items():
                accuracy[kind] = float(np.mean([model.accuracy(part) for part in parts]))
                yield
            longer = accuracy.pop(LONGER)
            counts = model.parameter_count, model.parameters_for_longer
            scores.append(SharingScore(model.key, counts[0], accuracy, longer, model.loss, counts[1]))
        return SharingReport(step, self.trained_at, tuple(scores))

    def _drawn_slices(self, rng: np.random.Generator) -> Generator[None, None, dict[str, list[Batch]]]:
        """The test sentences, in parts of equal size: those of each place, then the longer ones."""
        drawn: dict[str, list[Batch]] = {}
        for kind in (*PLACES, LONGER):
            drawn[kind] = []
            for _ in range(TESTED // PART):
                longer = kind == LONGER
                part = longer_batch(self.task, rng, PART) if longer else self.task.placed_batch(rng, PART, (kind,))
                drawn[kind].append(part)
                yield
        return drawn


def longer_batch(task: Year, rng: np.random.Generator, size: int) -> Batch:
    """Texts of more words than the training ever has: sentences without a year come before the one with it."""
    rows = []
    for _ in range(size):
        sentence = draw_sentence(rng, PLACES)
        while len(encoded := task.encode(sentence)) <= task.length:
            (verb, to), who = pick(rng, ACTIONS), pick(rng, PEOPLE)
            sentence = f"{who} {verb} {to} {pick(rng, LANDS)}. {sentence}"
        rows.append((encoded.ids, encoded.targets))
    return padded(rows)


def _lengths(batch: Batch) -> Array:
    return np.full(len(batch.ids), batch.ids.shape[1]) if batch.lengths is None else batch.lengths


def _answers(batch: Batch) -> torch.Tensor:
    """The year of each sentence, as a class."""
    rows, steps = np.nonzero(batch.targets != NO_TARGET)
    return torch.from_numpy(batch.targets[rows, steps])


def _uniform(rng: np.random.Generator, fan_in: int, shape: tuple[int, ...]) -> torch.Tensor:
    """PyTorch's default, U(−1/√fan_in, 1/√fan_in); a weight is (outputs, inputs)."""
    bound = fan_in**-0.5
    return torch.from_numpy(rng.uniform(-bound, bound, shape).astype(np.float32)).requires_grad_()


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> torch.Tensor:
    return torch.from_numpy(rng.standard_normal(shape).astype(np.float32)).requires_grad_()


def answers(experiment: SharingExperiment, texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What each model answers to each text, by its key."""
    encoded = [experiment.task.encode(text) for text in texts]
    if any((each.targets == NO_TARGET).all() for each in encoded):
        raise SpecError(f"A text names no year, or several; give one from {YEARS[0]} to {YEARS[-1]}.")
    batch = padded([(each.ids, each.targets) for each in encoded])
    with torch.no_grad():
        return {
            model.key: tuple(YEARS[index] for index in model.logits(batch).argmax(-1).tolist())
            for model in experiment.models
        }
