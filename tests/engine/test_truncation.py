"""The cut in the pictures: every curve, map and sum against float64 autograd that detaches at the cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from rnnviz.engine.credit import credit_map
from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow, memory_horizon
from rnnviz.engine.network import Network
from rnnviz.engine.spec import ModelSpec, RunSpec, TrainingSpec
from rnnviz.engine.trace import trace
from rnnviz.engine.truncated_flow import stretch, truncated_credit, truncated_flow
from rnnviz.engine.truncation import Truncation, reach, truncation_of, windows
from tests.engine.oracle import _one_hot, _step, make_network, make_sequence

if TYPE_CHECKING:
    from rnnviz.engine.sequence import EncodedSequence

STEPS = 11
MODELS = [
    {"cell": "elman", "hidden": 5},
    {"cell": "elman", "hidden": 4, "activation": "relu"},
    {"cell": "elman", "hidden": 4, "activation": "sigmoid", "layers": 2},
    {"cell": "elman", "hidden": 4, "activation": "identity", "embedding": 3},
    {"cell": "lstm", "hidden": 4},
    {"cell": "lstm", "hidden": 3, "layers": 2, "embedding": 2},
    {"cell": "gru", "hidden": 4},
    {"cell": "gru", "hidden": 3, "layers": 3},
]
CUTS = [(3, 3), (1, 4), (2, 5), (4, 7)]


class Cut:
    """The losses of one block: the network run with all states before ``lowest`` detached."""

    def __init__(self, network: Network, encoded: EncodedSequence, lowest: int) -> None:
        spec = network.spec
        self.weights = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in network.weights.items()}
        zero = torch.zeros(spec.hidden, dtype=torch.float64, requires_grad=True)
        states = [(zero, zero)] * spec.layers
        self.hidden: dict[str, list[torch.Tensor]] = {f"l{k}": [] for k in range(spec.layers)}
        self.cell: dict[str, list[torch.Tensor]] = {f"l{k}": [] for k in range(spec.layers)}
        self.losses: list[torch.Tensor] = []
        for step, index in enumerate(torch.tensor(encoded.ids), start=1):
            if step == lowest:
                states = [tuple(part.detach() for part in state) for state in states]
            x = self.weights["embedding.weight"][index] if spec.embedding else _one_hot(index, network)
            for k in range(spec.layers):
                w_ih, w_hh, b_ih, b_hh = (
                    self.weights[f"{kind}_l{k}"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                )
                h, c = states[k]
                states[k] = _step(spec, (w_ih @ x + b_ih, w_hh @ h, b_hh), h, c)
                self.hidden[f"l{k}"].append(states[k][0])
                self.cell[f"l{k}"].append(states[k][1])
                x = states[k][0]
            logits = self.weights["readout.weight"] @ x + self.weights["readout.bias"]
            target = torch.tensor(encoded.targets[step - 1])
            known = bool(target >= 0)
            loss = torch.nn.functional.cross_entropy(logits[None], target[None]) if known else logits.sum() * 0
            self.losses.append(loss)

    def gradient(self, loss: torch.Tensor, states: list[torch.Tensor]) -> np.ndarray:
        found = torch.autograd.grad(loss, states, retain_graph=True, allow_unused=True)
        rows = [torch.zeros_like(s) if g is None else g for s, g in zip(states, found, strict=True)]
        return torch.stack(rows).numpy()

    def joint(self, loss: torch.Tensor, layer: str, cell: str) -> np.ndarray:
        h = self.gradient(loss, self.hidden[layer])
        return np.concatenate([h, self.gradient(loss, self.cell[layer])], 1) if cell == "lstm" else h


def blocks(every: int, length: int) -> list[tuple[range, int]]:
    """Williams & Peng in words: after every k1 steps, back through the last k2."""
    ends = range(every, STEPS + every, every)
    return [(range(end - every + 1, min(end, STEPS) + 1), max(1, end - length + 1)) for end in ends]


def log2(norms: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log2(norms)


def assert_same(mine: np.ndarray, theirs: np.ndarray) -> None:
    """Equal to 1e-9 relative, and zero in the same places."""
    assert np.array_equal(np.isneginf(mine), np.isneginf(theirs))
    some = np.isfinite(theirs)
    np.testing.assert_allclose(np.exp2(mine[some]), np.exp2(theirs[some]), rtol=1e-9)


@pytest.mark.parametrize(("every", "length"), CUTS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_flow_credit_and_sums_match_autograd_with_detached_states(model: dict, every: int, length: int) -> None:
    network, encoded = make_network(2, **model), make_sequence(STEPS, every=2 if length == 4 else 1)
    unrolled, cut = trace(network, encoded), Truncation(every, length)
    runs = [(steps, lowest, Cut(network, encoded, lowest)) for steps, lowest in blocks(every, length)]
    kind = model["cell"]
    for name in network.layer_names:
        rows, summed = np.full((STEPS, STEPS), -np.inf), 0.0
        for steps, _, run in runs:
            for step in steps:
                if encoded.targets[step - 1] >= 0:
                    joint = run.joint(run.losses[step - 1], name, kind)
                    rows[step - 1] = log2(np.linalg.norm(joint, axis=1))
                    summed = summed + joint
        credit = truncated_credit(credit_map(unrolled, name), STEPS, cut)
        assert_same(credit.log2, rows)
        for loss_step in unrolled.loss_steps:
            flow = truncated_flow(gradient_flow(unrolled, loss_step), unrolled, cut).layer(name)
            assert_same(flow.log2_total, rows[loss_step - 1])
            assert_same(flow.log2_summed, log2(np.linalg.norm(summed, axis=1)))
            assert flow.horizon == memory_horizon(rows[loss_step - 1], loss_step, 0.01)


@pytest.mark.parametrize(("every", "length"), CUTS)
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_summed_weight_gradients_are_those_of_the_loop_that_detaches(model: dict, every: int, length: int) -> None:
    network, encoded = make_network(3, **model), make_sequence(STEPS)
    unrolled = trace(network, encoded)
    total = {name: np.zeros(array.shape) for name, array in network.weights.items()}
    for steps, _, run in ((s, low, Cut(network, encoded, low)) for s, low in blocks(every, length)):
        sum(run.losses[step - 1] for step in steps).backward()
        for name, weight in run.weights.items():
            total[name] += 0.0 if weight.grad is None else weight.grad.numpy()
    flow = truncated_flow(gradient_flow(unrolled), unrolled, Truncation(every, length))
    for name, gradient in total.items():
        np.testing.assert_allclose(
            flow.gradients[name], gradient, rtol=1e-9, atol=1e-12 * np.abs(gradient).max(), err_msg=name
        )


def test_which_loss_reaches_which_step() -> None:
    assert reach(10, 4, 4).tolist() == [1, 1, 1, 1, 5, 5, 5, 5, 9, 9]
    assert reach(6, 1, 3).tolist() == [1, 1, 1, 2, 3, 4]
    assert reach(8, 2, 5).tolist() == [1, 1, 1, 1, 2, 2, 4, 4]
    for every, length in CUTS:
        cut = Truncation(every, length)
        assert reach(STEPS, every, length).tolist() == [cut.lowest(step) for step in range(1, STEPS + 1)]


def test_the_scissors_find_the_length_that_cuts_where_they_stand() -> None:
    cut = Truncation(1, 5)
    for lowest in range(1, 9):
        assert Truncation(1, cut.length_for(9, lowest)).lowest(9) == lowest
    coarse = Truncation(4, 8)
    assert coarse.length_for(9, 1) == 12
    assert coarse.length_for(9, 9) == 4
    assert coarse.length_for(9, 12) == 4  # never above the block that the loss belongs to


def test_windows_hold_every_loss_once_and_join_those_that_begin_together() -> None:
    found = windows(10, Truncation(2, 5))
    assert found is not None
    assert found.starts.tolist() == [0, 1, 3, 5]
    assert found.owner.tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 3, 3]
    assert found.width == 5
    assert windows(10, Truncation(3, 12)) is None
    assert windows(0, Truncation(1, 1)) is None


def test_a_cut_beyond_the_text_changes_nothing() -> None:
    network, encoded = make_network(1, cell="gru", hidden=3), make_sequence(6)
    unrolled = trace(network, encoded)
    flow = gradient_flow(unrolled)
    assert truncated_flow(flow, unrolled, Truncation(2, 6)) is flow


@pytest.mark.parametrize("gain", [0.2, 3.0])
def test_no_sum_underflows_or_overflows_over_a_long_text(gain: float) -> None:
    """float32, 1,500 steps, a cut far back: as in float64. States stay 0, the gradient goes from 2^-2000 to 2^1000."""
    network, encoded = make_network(5, cell="elman", hidden=8, gain=gain, activation="identity"), make_sequence(1500)
    still = {n: a * (0 if n.startswith(("weight_ih", "bias_ih", "bias_hh")) else 1) for n, a in network.weights.items()}
    network = Network(network.spec, network.input_size, network.output_size, still)
    cut = Truncation(500, 1000)
    exact, short = (trace(each, encoded) for each in (network, network.astype(np.float32)))
    ours = truncated_flow(gradient_flow(short), short, cut).layers[0].log2_summed
    true = truncated_flow(gradient_flow(exact), exact, cut).layers[0].log2_summed
    assert np.isfinite(true).all()
    assert true.max() > 500 if gain > 1 else true.max() < 10
    np.testing.assert_allclose(ours, true, atol=1e-3)


def test_a_stretch_of_a_trace_begins_with_the_states_it_had() -> None:
    network, encoded = make_network(4, cell="lstm", hidden=3, layers=2), make_sequence(9)
    whole = trace(network, encoded)
    part = stretch(whole, 4, 7)
    for layer, full in zip(part.layers, whole.layers, strict=True):
        assert np.array_equal(layer.previous_hidden, full.hidden[3:6])
        assert np.array_equal(layer.previous_cell, full.cell_state[3:6])
    assert part.targets.tolist() == whole.targets[4:7].tolist()


def test_both_directions_and_losses_left_out_are_refused() -> None:
    run = RunSpec(model=ModelSpec(bidirectional=True), training=TrainingSpec(truncate_length=3))
    assert truncation_of(run) is None
    assert truncation_of(RunSpec()) is None
    assert truncation_of(RunSpec(training=TrainingSpec(truncate_length=3))) == Truncation(1, 3)
    with pytest.raises(SpecError, match="1 <= k1"):
        Truncation(4, 3)
    network, encoded = make_network(4, hidden=3, bidirectional=True), make_sequence(5)
    unrolled = trace(network, encoded)
    with pytest.raises(SpecError, match="bidirectional"):
        truncated_flow(gradient_flow(unrolled), unrolled, Truncation(1, 3))
