"""The film of backpropagation, and the plain update that follows from it (see :mod:`rnnviz.service.messages.movie`)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.movie import bptt_slices, chosen_losses, loss_gradients
from rnnviz.engine.network import READOUT_WEIGHT, weight_suffix
from rnnviz.engine.scaled import log2_norms
from rnnviz.engine.spec import check_choice
from rnnviz.engine.trace import trace
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import (
    ApplyUpdate,
    BackwardPlayed,
    LayerEdges,
    PlayBackward,
    Reply,
    UndoUpdate,
    UpdateReport,
    WeightSum,
    WeightsUpdated,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from rnnviz.engine.movie import Bptt, Contributions, Edges
    from rnnviz.engine.network import Network
    from rnnviz.engine.trace import Trace
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

    Array = np.ndarray[Any, np.dtype[Any]]

TORCH_OPERATIONS = 3e8
"""Steps times weights that torch differentiates in some tenths of a second; it cannot be done in slices."""
TORCH_STEPS = 1000
WEIGHTS = {"W_hh": "weight_hh", "W_xh": "weight_ih", "b": "bias_hh"}


@dataclass(frozen=True, eq=False)
class _Update:
    """The last update of a network: what it changed, and what that did to the text it was made from."""

    before: Mapping[str, Array]
    after: Mapping[str, Array]
    training_step: int
    text: str
    learning_rate: float
    losses: str
    loss_before: Array


_LAST: WeakKeyDictionary[Workbench, _Update] = WeakKeyDictionary()


# ---- the backward pass ----------------------------------------------------------------------


def torch_loaded() -> bool:
    """Whether torch is there to compare with (an import that is under way is not waited for)."""
    spec = getattr(sys.modules.get("torch"), "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


def _play(laboratory: Laboratory, command: PlayBackward) -> Generator[None, None, Reply]:
    bench = laboratory.bench
    shown, step = bench.trace, bench.training_step
    layer = command.layer if command.layer in bench.network.layer_names else "l0"
    name = _weight_name(command.weight, layer)
    loss_step = command.loss_step if command.loss_step in shown.loss_steps else 0  # the text may have changed since
    film = yield from bptt_slices(shown, layer, command.losses, loss_step, name)
    reference, note = _reference(laboratory, shown)
    yield
    if reference:
        from rnnviz.engine.training_evidence import torch_gradients

        gradients = torch_gradients(shown, film.losses, film.loss_step)
    else:
        reference, gradients = "one matrix product", loss_gradients(shown, film.losses, film.loss_step)
    yield
    weight = _weight_sum(film.weight(name), command.weight, gradients[name])
    return _played(film, weight, reference=(reference, note), training_step=step, update=_report(bench, shown))


def _weight_name(key: str, layer: str) -> str:
    """PyTorch's name of the weight that the user calls ``key``."""
    check_choice("The weight", key, (*WEIGHTS, "W_hy"))
    return READOUT_WEIGHT if key == "W_hy" else WEIGHTS[key] + weight_suffix(layer)


def _reference(laboratory: Laboratory, shown: Trace) -> tuple[str, str]:
    """What the sums are compared with: torch by its name, or '' and the reason why not torch."""
    if not torch_loaded():
        return "", "PyTorch is still loading."
    if laboratory.training.active:
        return "", "While the network trains, the comparison with PyTorch waits."
    if len(shown) > TORCH_STEPS or len(shown) * shown.network.parameter_count > TORCH_OPERATIONS:
        return "", "This text is too long for PyTorch to be run on it each time; Proof checks its first steps."
    from rnnviz.engine.training_evidence import reference_name

    return reference_name(shown.network.spec), ""


def _weight_sum(found: Contributions, key: str, reference: Array) -> WeightSum:
    with np.errstate(over="ignore", invalid="ignore"):
        difference = float(np.abs(found.total - reference).max(initial=0.0))
    return WeightSum(
        name=found.name,
        key=key,
        log2_norms=found.log2_norms,
        steps=found.steps,
        log2_running=found.log2_running,
        norm=float(np.linalg.norm(found.total.astype(np.float64))),
        reference_norm=float(np.linalg.norm(reference.astype(np.float64))),
        difference=difference,
    )


def _played(
    film: Bptt, weight: WeightSum, *, reference: tuple[str, str], training_step: int, update: UpdateReport | None
) -> BackwardPlayed:
    return BackwardPlayed(
        layer=film.layer,
        losses=film.losses,
        loss_step=film.loss_step,
        loss_count=film.loss_count,
        edges=[_layer_edges(name, film.layers[name]) for name in sorted(film.layers)],
        weight=weight,
        reference=reference[0],
        reference_note=reference[1],
        training_step=training_step,
        update=update,
    )


def _layer_edges(name: str, edges: Edges) -> LayerEdges:
    cell = edges.through_cell
    return LayerEdges(
        name=name,
        log2_direct=edges.log2_direct,
        log2_through=edges.log2_through,
        log2_through_hidden=log2_norms(edges.through.values, edges.through.exponents),
        log2_through_cell=None if cell is None else log2_norms(cell.values, cell.exponents),
        log2_total=edges.log2_total,
    )


# ---- the update -------------------------------------------------------------------------------


def _apply(laboratory: Laboratory, command: ApplyUpdate) -> Reply:
    bench, training = laboratory.bench, laboratory.training
    if bench.viewing:
        raise SpecError("An earlier training step is on show; go back to the live network before you update it.")
    rate = command.learning_rate
    if not (np.isfinite(rate) and 0 < rate <= 1e3):
        raise SpecError(f"The learning rate is {rate:g}; give one above 0 and at most 1000.")
    chosen_losses(bench.trace, command.losses, command.loss_step)
    network = training.live_network()
    shown = trace(network, bench.encoded)
    after = _stepped(network, loss_gradients(shown, command.losses, command.loss_step), rate)
    kept = _Update(
        before={name: array.copy() for name, array in network.weights.items()},
        after=after,
        training_step=training.steps_done,
        text=bench.text,
        learning_rate=rate,
        losses=command.losses,
        loss_before=shown.loss,
    )
    training.change_weights(after)
    _LAST[bench] = kept
    return WeightsUpdated(undone=False, training_step=training.steps_done)


def _stepped(network: Network, gradients: Mapping[str, Array], rate: float) -> dict[str, Array]:
    """``W − η dC/dW`` of every weight."""
    with np.errstate(over="ignore", invalid="ignore"):
        after = {
            name: (array - array.dtype.type(rate) * gradients[name]).astype(array.dtype, copy=False)
            for name, array in network.weights.items()
        }
    if not all(np.isfinite(array).all() for array in after.values()):
        raise SpecError("This update would make weights that are not finite; lower the learning rate.")
    return after


def _undo(laboratory: Laboratory, command: UndoUpdate) -> Reply:
    del command
    bench, training = laboratory.bench, laboratory.training
    last = _LAST.get(bench)
    if last is None or not _made(last, training.live_network().weights):
        raise SpecError("The weights have changed since the last update, so it cannot be taken back alone.")
    training.change_weights(last.before)
    del _LAST[bench]
    return WeightsUpdated(undone=True, training_step=training.steps_done)


def _made(update: _Update, weights: Mapping[str, Array]) -> bool:
    """Whether ``weights`` are the very ones that the update made."""
    return update.after.keys() == weights.keys() and all(
        np.array_equal(array, weights[name]) for name, array in update.after.items()
    )


def _report(bench: Workbench, shown: Trace) -> UpdateReport | None:
    last = _LAST.get(bench)
    if last is None or last.text != bench.text or not _made(last, shown.network.weights):
        return None
    return UpdateReport(
        learning_rate=last.learning_rate, losses=last.losses, loss_before=last.loss_before, loss_after=shown.loss
    )


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(topic="movie", command=PlayBackward, answer=_play),
    Experiment(topic="update", command=ApplyUpdate, answer=_apply, changes=True),
    Experiment(topic="update", command=UndoUpdate, answer=_undo, changes=True),
)
