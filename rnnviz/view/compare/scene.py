"""What one picture of the comparison shows: values shared by all columns, and the words for one model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.service.chain_choice import chain_for, way_of
from rnnviz.view.facts import percent
from rnnviz.view.layer_names import is_reverse, layer_mark, layer_words
from rnnviz.view.scales import DEEPEST, decade_text, decades, percent_text
from rnnviz.view.shell import CELL_TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from rnnviz.service.chain_choice import Way
    from rnnviz.service.messages import Compared, ComparedModel, Unrolled

LOW, HIGH = -3.0, 0.3
"""Decades of the curves' scale at least: 0.1 % to 200 % of the start."""
IGNORED = frozenset({"cell", "hidden", "seed", "device"})
"""Units have a place of their own in the head; seed and device are those of the model on show."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Every model at one moment, and the one scale of shares that all their curves are drawn on."""

    models: tuple[ComparedModel, ...]
    titles: tuple[str, ...]
    shares: tuple[NDArray[np.float64], ...]
    bands: tuple[tuple[NDArray[np.float64], NDArray[np.float64]] | None, ...]
    tokens: tuple[str, ...]
    with_loss: tuple[bool, ...]
    loss_step: int
    threshold: float
    low: float
    high: float
    last_step: int
    top_loss: float
    baseline: float
    needed: int
    #: the chain that each model shows
    layers: tuple[str, ...] = ()

    def way(self, index: int) -> Way:
        """Which way the losses reach in the chain of model ``index``."""
        return way_of(self.models[index].model, self.layers[index]) if self.layers else "left"

    def ahead(self, index: int) -> bool:
        """Whether the gradient of model ``index`` flows to later steps."""
        return bool(self.layers) and is_reverse(self.layers[index])

    def span(self, index: int) -> slice:
        """The rows of the steps that the chosen loss can reach in model ``index``."""
        return {"left": slice(0, self.loss_step), "right": slice(self.loss_step - 1, None)}.get(
            self.way(index), slice(None)
        )

    def layer_words(self, index: int) -> str:
        """The words " · layer 2 ←" where model ``index`` has several chains."""
        model = self.models[index].model
        if not self.layers or (model.layers == 1 and not model.bidirectional):
            return ""
        return f" · layer {layer_mark(self.layers[index], ('l0', 'l0r') if model.bidirectional else ('l0',))}"

    @property
    def length(self) -> int:
        """Time steps of the text."""
        return len(self.tokens)


class ShareScale:
    """Limits of the shares. While models train they only grow, so that nothing jumps; at rest they fit."""

    def __init__(self) -> None:
        self._key: object = None
        self._limits = (LOW, HIGH)

    def fit(self, key: object, shares: tuple[NDArray[np.float64], ...], *, growing: bool) -> tuple[float, float]:
        """Decades that hold all finite ``shares``, twelve below and above the start at most."""
        if key != self._key or not growing:
            self._key, self._limits = key, (LOW, HIGH)
        finite = np.concatenate([row[np.isfinite(row)] for row in shares]) if shares else np.empty(0)
        low, high = self._limits
        if finite.size:
            low = min(low, max(-DEEPEST, float(np.floor(finite.min()))))
            most = float(finite.max())
            high = max(high, min(float(DEEPEST), float(np.ceil(most)))) if most > high else high
        self._limits = (low, high)
        return self._limits


def make_scene(
    models: tuple[ComparedModel, ...],
    answer: Compared,
    trace: Unrolled,
    scale: ShareScale,
    *,
    growing: bool,
    baseline: float,
    needed: int,
) -> Scene:
    """The scene of one answer of the engine about ``trace``."""
    shares = tuple(shares_of(model, answer.loss_step) for model in models)
    key = (trace.text, answer.asked.layer, tuple(model.model for model in models))
    low, high = scale.fit(key, shares, growing=growing)
    losses = [float(model.losses.max()) for model in models if len(model.losses)]
    return Scene(
        models=models,
        titles=titles_of(models),
        shares=shares,
        bands=tuple(band_of(model) for model in models),
        tokens=tuple(trace.tokens),
        with_loss=tuple((trace.targets >= 0).tolist()),
        loss_step=answer.loss_step,
        threshold=answer.asked.threshold,
        low=low,
        high=high,
        last_step=max(model.target_step for model in models),
        top_loss=max(losses, default=0.0),
        baseline=baseline,
        needed=needed,
        layers=tuple(chain_for(model.model, answer.asked.layer) for model in models),
    )


def shares_of(model: ComparedModel, loss_step: int) -> NDArray[np.float64]:
    """log10 of what arrives at every step as a share of the start (T,); −inf where nothing does."""
    row = decades(model.log2)
    if not (0 < loss_step <= len(row)) or not np.isfinite(row[loss_step - 1]):
        return np.full(len(row), -np.inf)
    return row - row[loss_step - 1]


def band_of(model: ComparedModel) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Smallest and largest share over the seeds, log10 (T,); None with one seed."""
    if model.lowest is None or model.highest is None:
        return None
    return decades(model.lowest), decades(model.highest)


def titles_of(models: tuple[ComparedModel, ...]) -> tuple[str, ...]:
    """The cell of every model; the second and third of one cell also say what sets them apart from the first."""
    return tuple(_title(model, models) for model in models)


def _title(model: ComparedModel, models: tuple[ComparedModel, ...]) -> str:
    first = next(other for other in models if other.model.cell == model.model.cell)
    apart: list[str] = []
    for mine, its in ((model.model, first.model), (model.training, first.training)):
        names = [name for name in mine.__struct_fields__ if name not in IGNORED]
        apart += [
            setting_words(name, getattr(mine, name)) for name in names if getattr(mine, name) != getattr(its, name)
        ]
    if not apart and model.model.hidden != first.model.hidden:
        apart = [setting_words("hidden", model.model.hidden)]
    return ", ".join([CELL_TITLES[model.model.cell], *apart])


def _counted(what: str, count: int) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def setting_words(name: str, value: Any) -> str:  # noqa: ANN401 a value of any field of a spec
    """One setting in two words: "2 layers", "no clipping", "orthogonal"."""
    words = _WORDS.get(name)
    if words is not None:
        return words(value)
    return f"{name.replace('_', ' ')} {value:g}" if isinstance(value, int | float) else str(value)


_WORDS: dict[str, Callable[[Any], str]] = {
    "hidden": partial(_counted, "unit"),
    "layers": partial(_counted, "layer"),
    "bidirectional": lambda value: "both directions" if value else "one direction",
    "embedding": lambda value: f"embedding {value}" if value else "one-hot",
    "initialiser": lambda value: "PyTorch's default" if value == "default" else value,
    "forget_bias": lambda value: "forget bias as drawn" if value is None else f"forget bias {value:g}",
    "clip": lambda value: f"clip {value:g}" if value else "no clipping",
    "learning_rate": lambda value: f"rate {value:g}",
    "batch_size": lambda value: f"batch {value}",
    "truncate_length": lambda value: f"back {_counted('step', value)}" if value else "no truncation",
    "truncate_every": lambda value: f"every {_counted('step', value)}",
}


def question(loss_step: int, way: Way = "left") -> str:
    """What the page answers; where losses reach both sides there is no back and no ahead."""
    if not loss_step:
        return "This text has no loss to follow back"
    where = {"left": " back", "right": " ahead"}.get(way, "")
    return f"How far{where} does the loss at step {loss_step} reach?"


def chain_sentence(layer: str, names: Sequence[str]) -> str:
    """Whose states the page is about; '' in a network of one chain."""
    if len(names) < 2:
        return ""
    words = layer_words(layer, names)
    return f"{words[0].upper()}{words[1:]}; of a model without it the nearest. "


def horizon_words(threshold: float, horizons: list[int] | None = None, *, ahead: bool = False) -> str:
    """What the big number counts; with several seeds also between which it lies."""
    words = f"steps {'ahead' if ahead else 'back'} with at least {percent(threshold)}"
    return f"{words}; {min(horizons)} to {max(horizons)} over {len(horizons)} seeds" if horizons else words


def status_words(model: ComparedModel) -> str:
    """The loss, or why there is none, or how far it has caught up."""
    if model.failure:
        return f"stopped at step {model.training_step}: not finite" if "finite" in model.failure else "stopped"
    if model.training_step < model.target_step:
        return f"step {model.training_step} of {model.target_step}"
    if model.training_step > model.target_step:
        return f"step {model.training_step}, back to {model.target_step}"
    if model.seeds_behind:
        return f"{model.seeds_behind} seed{'s' if model.seeds_behind != 1 else ''} behind"
    return f"loss {model.loss:.3f}" if model.loss is not None else "not trained yet"


def share_words(log10: float) -> str:
    """A share given as log10, in percent; tiny and huge ones keep their power of ten."""
    if not np.isfinite(log10):
        return "nothing"
    if -5 <= log10 < 4:
        return percent_text(10.0**log10)
    exponent = int(np.floor(log10 + 2))
    return f"{10 ** (log10 + 2 - exponent):.1f}×{decade_text(exponent) if abs(exponent) > 2 else 10**exponent}\u2005%"


def share_text(decade: int) -> str:
    """A power of ten as a share: 100 %, 1 %, 10⁻⁵ %."""
    return percent_text(10.0**decade) if LOW - 1 <= decade <= 1 else f"{decade_text(decade + 2)}\u2005%"


def thousands(count: int) -> str:
    """A count with a thin space every three digits."""
    return f"{count:,}".replace(",", "\u2009")
