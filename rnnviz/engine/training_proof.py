"""The proof for the network on show: every kind of number on screen against another way of computing it.

Nothing is looked up: each comparison is computed when it is asked for, with the present weights and text. Long texts
are compared on their first steps, and where rounding grows faster than any comparison can follow (a chaotic network:
two float32 programs then differ as much as two float64 ones a little later), only the steps before that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.backward import output_gradients, sweep_down
from rnnviz.engine.credit import credit_map
from rnnviz.engine.errors import SpecError
from rnnviz.engine.movie import loss_gradients
from rnnviz.engine.scaled import normalise, shift
from rnnviz.engine.segments import segments_of
from rnnviz.engine.sequence import NO_TARGET, EncodedSequence
from rnnviz.engine.trace import trace
from rnnviz.engine.training_evidence import Run, cell_run, fused_run, reference_name

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.network import Network
    from rnnviz.engine.trace import Trace

Array = np.ndarray[Any, np.dtype[Any]]

MOST_STEPS, LEAST_STEPS = 300, 10
AFFORDABLE = 5e7
"""Weights times steps that a run of cells in float64 may have: some tenths of a second."""
OWN_ROUNDING = 3e-6
"""A step whose float32 states are further than this from our own float64 ones says nothing about anybody's formulas."""
DIFFERENCE_STEPS = 25
CHECKED_WEIGHTS, CHECKED_OF_MANY, MANY_WEIGHTS = 12, 4, 1_000_000
SMALLEST_NORM = 1e-250
STATES_ALLOWED, GRADIENT_ALLOWED, EXACT_ALLOWED = 1e-5, 1e-4, 1e-9
DIFFERENCES_ALLOWED, LOG2_ALLOWED = 1e-6, 1e-3


@dataclass(frozen=True)
class Finding:
    """One comparison. ``measure`` says what ``difference`` is: "absolute", "relative" or "log2".

    ``skipped`` is a sentence where the comparison could not be made ('' where it was).
    """

    title: str
    sentence: str
    difference: float
    allowed: float
    measure: str = "absolute"
    seconds: float = 0.0
    skipped: str = ""

    @property
    def passed(self) -> bool:
        """Whether the difference is allowed (NaN is not)."""
        return not self.skipped and self.difference <= self.allowed


@dataclass(frozen=True)
class Proof:
    """All comparisons, and on how many of the text's steps they were made; ``note`` says why not on all."""

    findings: tuple[Finding, ...]
    steps: int
    length: int
    note: str = ""


def prove(network: Network, encoded: EncodedSequence) -> Proof:
    """Compare everything at once (see :func:`prove_slices`)."""
    slices = prove_slices(network, encoded)
    while True:
        try:
            next(slices)
        except StopIteration as finished:
            result: Proof = finished.value
            return result


def prove_slices(network: Network, encoded: EncodedSequence) -> Generator[None, None, Proof]:
    """Compare states, gates, gradients, contributions and credit; pauses (``yield``) between the comparisons."""
    if not len(encoded):
        raise SpecError("There is no text to check; type one.")
    single, double, note = _comparable(network, encoded)
    yield
    findings: list[Finding] = []
    for work in (_states, _gates):
        findings.append(_timed(work, single))
        yield
    if not single.loss_steps:
        reason = "No time step of this text has a loss, so there is no gradient."
        findings.append(Finding("Gradients", "against autograd", np.nan, GRADIENT_ALLOWED, skipped=reason))
        return Proof(tuple(findings), len(single), len(encoded), note)
    started = perf_counter()
    oracle = cell_run(double)
    loss = oracle.losses(double.targets, double.wanted).sum()
    truth = oracle.weight_gradients(loss)
    yield
    spent = perf_counter() - started
    findings += [replace(_gradients(single, truth), seconds=spent), _exact_gradients(double, truth)]
    yield
    findings.append((yield from _finite_differences(double)))
    findings.append(_timed(_copies, double))
    yield
    findings.append(_credit(single, oracle))
    return Proof(tuple(findings), len(single), len(encoded), note)


def _timed(work: Any, of: Trace) -> Finding:  # noqa: ANN401 a function of a trace
    started = perf_counter()
    finding: Finding = work(of)
    return replace(finding, seconds=perf_counter() - started)


def _comparable(network: Network, encoded: EncodedSequence) -> tuple[Trace, Trace, str]:
    """The text's first steps that can be compared, as the engine computes them in float32 and in float64."""
    length, notes = len(encoded), []
    affordable = int(AFFORDABLE / network.parameter_count)
    steps = min(length, MOST_STEPS, max(LEAST_STEPS, affordable))
    if steps < length:
        notes.append(f"the first {steps} of {length} steps")
    single, double = (trace(each, _first(encoded, steps)) for each in (network, network.astype(np.float64)))
    trusted = _trusted(single, double)
    if trusted < steps:
        notes = [f"the first {trusted} of {length} steps: after them rounding grows too fast to compare anything"]
        single, double = (trace(each, _first(encoded, trusted)) for each in (network, network.astype(np.float64)))
    return single, double, notes[0] if notes else ""


def _first(encoded: EncodedSequence, steps: int) -> EncodedSequence:
    """The text cut to ``steps``; an answer that stands at its end alone is asked for at the cut."""
    if steps == len(encoded):
        return encoded
    targets = encoded.targets[:steps].copy()
    later = encoded.targets[encoded.targets != NO_TARGET]
    if len(later) and (targets == NO_TARGET).all():
        targets[-1] = later[-1]
    values, wanted = (None if each is None else each[:steps].copy() for each in (encoded.values, encoded.wanted))
    if wanted is not None and encoded.wanted is not None and np.isnan(wanted).any(axis=1).all() and len(later):
        wanted[-1] = encoded.wanted[encoded.targets != NO_TARGET][-1]
    known, switch = encoded.known[:steps], min(encoded.switch, steps)
    return EncodedSequence(encoded.tokens[:steps], encoded.ids[:steps], targets, known, (), values, wanted, switch)


def _trusted(single: Trace, double: Trace) -> int:
    """How many steps from the first on our float32 states stay with our float64 ones; at least one."""
    apart = np.zeros(len(single))
    for ours, exact in zip(single.layers, double.layers, strict=True):
        difference = np.abs(ours.hidden - exact.hidden).max(axis=1) / max(1.0, float(np.abs(exact.hidden).max()))
        apart = np.maximum(apart, np.nan_to_num(difference, nan=np.inf))
    beyond = np.flatnonzero(apart > OWN_ROUNDING)
    return max(1, int(beyond[0])) if len(beyond) else len(single)


def _states(single: Trace) -> Finding:
    """Every layer's h, c after the last step, and the logits."""
    run, name = fused_run(single), reference_name(single.network.spec)
    pairs = [(layer.hidden, run.hidden[layer.name]) for layer in single.layers]
    pairs += [
        ((layer.cell_state[0] if layer.reverse else layer.cell_state[-1]), run.last_cell[layer.name])
        for layer in single.layers
        if layer.cell is not None
    ]
    pairs.append((single.logits, run.logits))
    what = "hidden states, last cell state and outputs" if run.last_cell else "hidden states and outputs"
    largest = max(_difference(ours, theirs.detach().numpy()) for ours, theirs in pairs)
    return Finding("Forward pass", f"{what} against {name} with the same weights", largest, STATES_ALLOWED)


def _gates(single: Trace) -> Finding:
    """Every gate; torch's modules keep theirs to themselves, so they come from the loop of cells in float64."""
    run = cell_run(single)
    largest, names = 0.0, ""
    for layer in single.layers:
        gates = run.gates[layer.name]
        names = ", ".join(gates)
        largest = max(largest, *(_difference(layer.gates[gate], gates[gate].detach().numpy()) for gate in gates))
    names = {"preactivation": "pre-activations a"}.get(names, f"gates {names}")
    return Finding("Inside the cells", f"{names} against a loop of cells in float64", largest, STATES_ALLOWED)


def _difference(ours: Array, theirs: Array) -> float:
    """The largest difference; relative where the numbers are larger than 1 (ReLU and identity can be)."""
    scale = max(1.0, float(np.abs(theirs).max(initial=0.0)))
    return float(np.abs(ours - theirs).max(initial=0.0)) / scale


def _gradients(single: Trace, truth: dict[str, Array]) -> Finding:
    largest = _relative(loss_gradients(single), truth)
    sentence = "dC/dW of every weight as shown (float32) against float64 autograd, of each weight's largest"
    return Finding("Gradient", sentence, largest, GRADIENT_ALLOWED, "relative")


def _exact_gradients(double: Trace, truth: dict[str, Array]) -> Finding:
    started = perf_counter()
    largest = _relative(loss_gradients(double), truth)
    sentence = "the same formulas computed in float64 against float64 autograd"
    spent = perf_counter() - started
    return Finding("Gradient, exact", sentence, largest, EXACT_ALLOWED, "relative", spent)


def _relative(ours: dict[str, Array], truth: dict[str, Array]) -> float:
    """The largest difference over all weights, each as a share of its weight's largest entry."""
    overall = max(float(np.abs(array).max(initial=0.0)) for array in truth.values()) or 1.0
    worst = 0.0
    for name, expected in truth.items():
        # A weight with a gradient that rounds to nothing beside the others has no digits to compare.
        scale = max(float(np.abs(expected).max(initial=0.0)), 1e-6 * overall)
        worst = max(worst, float(np.abs(ours[name] - expected).max(initial=0.0)) / scale)
    return worst


def _finite_differences(double: Trace) -> Generator[None, None, Finding]:
    """``(8 (C(w+ε) − C(w−ε)) − C(w+2ε) + C(w−2ε)) / 12ε`` of a few weights, in float64, on the first steps."""
    network, spent, worst = double.network, 0.0, 0.0
    encoded = _first(_sequence(double), min(len(double), DIFFERENCE_STEPS))
    gradients = loss_gradients(trace(network, encoded))
    largest = max(float(np.abs(array).max()) for array in gradients.values())
    epsilon = 1e-4 / max(1.0, largest)
    generator, names = np.random.default_rng(0), list(network.weights)
    count = CHECKED_WEIGHTS if network.parameter_count < MANY_WEIGHTS else CHECKED_OF_MANY
    for _ in range(count):
        started = perf_counter()
        name = names[generator.integers(len(names))]
        place = tuple(int(generator.integers(size)) for size in network.weights[name].shape)
        costs = [_cost(network, encoded, name, place, k * epsilon) for k in (1, -1, 2, -2)]
        found = (8 * (costs[0] - costs[1]) - (costs[2] - costs[3])) / (12 * epsilon)
        worst = max(worst, abs(found - float(gradients[name][place])) / max(largest, 1e-3))
        spent += perf_counter() - started
        yield
    sentence = f"{count} random weights nudged, over {len(encoded)} steps, float64, of the largest gradient"
    return Finding("Finite differences", sentence, worst, DIFFERENCES_ALLOWED, "relative", spent)


def _sequence(of: Trace) -> EncodedSequence:
    known = np.ones(len(of), np.bool_)
    if of.wanted is None:
        return EncodedSequence(of.tokens, of.ids, of.targets, known, switch=of.switch)
    values, wanted = (np.asarray(each, np.float64) for each in (of.inputs, of.wanted))
    return EncodedSequence(of.tokens, of.ids, of.targets, known, (), values, wanted)


def _cost(network: Network, encoded: EncodedSequence, name: str, place: tuple[int, ...], nudge: float) -> float:
    changed = network.weights[name].copy()
    changed[place] += nudge
    loss = trace(replace(network, weights={**network.weights, name: changed}), encoded).loss
    return float(np.nansum(loss))


def _copies(double: Trace) -> Finding:
    """``Σ_t da_tᵀ h_{t−1}`` as T outer products added one by one, where the gradient is one matrix product."""
    truth, worst = loss_gradients(double), 0.0
    for swept in sweep_down(double, normalise(output_gradients(double)[:, None])):
        deltas = shift(swept.sweep.deltas[:, 0], swept.sweep.exponents[:, 0])
        for rows, _, suffix in segments_of(double, swept.layer.name):
            total = np.zeros((deltas.shape[1], swept.layer.hidden.shape[1]))
            for delta, before in zip(deltas[rows], swept.layer.previous_hidden[rows], strict=True):
                total += np.outer(delta, before)
            expected = truth[f"weight_hh{suffix}"]
            worst = max(worst, float(np.abs(total - expected).max()) / (float(np.abs(expected).max()) or 1.0))
    sentence = f"the contributions of {len(double)} copies to W_hh, added one by one, against the gradient"
    return Finding("Sum over copies", sentence, worst, EXACT_ALLOWED, "relative")


def _credit(single: Trace, oracle: Run) -> Finding:
    """One row of the credit map, of the last loss, against one backward pass of autograd."""
    started = perf_counter()
    step = single.loss_steps[-1]
    losses = oracle.losses(single.targets, single.wanted)
    worst = 0.0
    for name in single.network.layer_names:
        expected = oracle.state_norms(losses[-1], name)
        ours = credit_map(single, name, rows=[step]).log2[0]
        known = expected > SMALLEST_NORM
        with np.errstate(invalid="ignore"):
            apart = np.abs(ours[known] - np.log2(expected[known])).max(initial=0.0)
        worst = max(worst, float(np.nan_to_num(apart, nan=np.inf)))
    spent = perf_counter() - started
    sentence = f"the row of C_{step} in every layer against one pass of autograd, as powers of two"
    return Finding("Credit map", sentence, worst, LOG2_ALLOWED, "log2", spent)
