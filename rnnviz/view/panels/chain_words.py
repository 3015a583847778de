"""The chain in symbols, curves and numbers: what the panel shows of one answer of the engine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rnnviz.engine.truncation import truncation_of
from rnnviz.view.layer_names import is_reverse, recurrent_block
from rnnviz.view.look import significant
from rnnviz.view.panels.chain_factors import state_letter
from rnnviz.view.panels.chain_plot import Curve, power
from rnnviz.view.scales import norm_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from rnnviz.engine.spec import RunSpec
    from rnnviz.service.messages import Chained

SLOPES = {"tanh": "tanh′", "relu": "ReLU′", "sigmoid": "σ′", "identity": "φ′"}
_ELMAN = {
    "tanh": "ρᵏ knows W_hh alone; every tanh′ below 1 takes more.",
    "sigmoid": "ρᵏ knows W_hh alone; σ′ is at most 1/4 and takes far more.",
    "relu": "ρᵏ knows W_hh alone; every unit at 0 stops what passes it.",
    "identity": "Without a squashing function the factors are all W_hh: in the long run ρᵏ is the whole story.",
}
_MEANING = {
    "lstm": "s = (h, c). An LSTM has no law ρᵏ: every gate has a W_hh of its own, and c passes through f alone.",
    "gru": "A GRU has no law ρᵏ: every gate has a W_hh of its own, and the state passes through z without a matrix.",
}
CARRIES = {"lstm": ("f", "forget gates"), "gru": ("z", "update gates")}
DASHED, DOTTED, DASH_DOT = (5.0, 3.0), (1.2, 2.6), (6.0, 2.5, 1.2, 2.5)


def equation(chain: Chained) -> tuple[str, str]:
    """``∂C_τ/∂h_t = ∂C_τ/∂h_τ · Π ∂h_k/∂h_{k−1}`` with the numbers put in, in two parts that may stand in two lines."""
    state = state_letter(chain)
    tau, step = chain.loss_step, chain.time_step
    left = f"∂C_{{{tau}}} / ∂{state}_{{{step}}} = ∂C_{{{tau}}} / ∂{state}_{{{tau}}}"
    if not len(chain.steps):
        return left, ""
    side = "+1" if is_reverse(chain.layer) else "-1"
    first, last = int(chain.steps[0]), int(chain.steps[-1])
    span = f"k={first}" if first == last else f"k={first}…{last}"
    return left, f"· Π_{{{span}}} ∂{state}_{{k}} / ∂{state}_{{k{side}}}"


def cell_of(chain: Chained) -> str:
    """The cell that the chain was computed of: another one is in force some moments before its chain is there."""
    return next((cell for gate, cell in (("f", "lstm"), ("z", "gru")) if gate in chain.radius), "elman")


def curves(chain: Chained, activation: str, switch: int = 0) -> list[Curve]:
    """Measured in the gradient's colour, theory in ink; the copies after ``switch`` are a decoder's."""
    found = [
        Curve(chain.log2_measured, "measured", "what is left of this gradient", "grad", 2.4, heads=True),
        Curve(chain.log2_product, "‖Π J‖", "what the luckiest direction would keep", "grad", 1.2),
    ]
    if _other_paths(chain):
        found.append(Curve(chain.log2_total, "all paths", "with what comes down from the layers above", "grad", 1.2,
                           dash=(2.0, 2.0)))  # fmt: skip
    if chain.log2_carry is not None:
        name, gates = CARRIES[cell_of(chain)]
        found.append(Curve(chain.log2_carry, f"Π {name}", f"the product of the {gates}, the path without a matrix",
                           dash=DASHED, theory=True))  # fmt: skip
        return found
    slope, most = SLOPES[activation], chain.max_slope
    found += [
        Curve(_theory(chain, chain.radius, switch), "ρ^k", "the eigenvalues of W_hh alone", dash=DASHED, theory=True),
        Curve(_theory(chain, chain.largest, switch, most), "bound", f"(σₘₐₓ · max {slope})ᵏ, never exceeded",
              dash=DOTTED, theory=True),
    ]  # fmt: skip
    if math.isfinite(chain.mean_slope):
        sentence = f"(σₘₐₓ · mean {slope})ᵏ, with the slopes of this text"
        bases = _theory(chain, chain.largest, switch, chain.mean_slope)
        found.append(Curve(bases, "mean φ′", sentence, dash=DASH_DOT, theory=True))
    return found


def _parts(chain: Chained, switch: int) -> list[tuple[str, int]]:
    """The matrices of an Elman chain from the loss on and how many factors have each; a decoder's come first."""
    own = int((chain.steps > switch).sum()) if "h'" in chain.radius else 0
    return [(name, count) for name, count in (("h'", own), ("h", len(chain.steps) - own)) if count]


def _theory(chain: Chained, sizes: Mapping[str, float], switch: int, slope: float = 1.0) -> NDArray[np.float64]:
    """log2 of what k factors of these sizes would leave, every one with the matrix of its own step."""
    found = np.zeros(1)
    for name, count in _parts(chain, switch):
        found = np.concatenate((found, found[-1] + power(sizes[name] * slope, count)[1:]))
    return found


def _other_paths(chain: Chained) -> bool:
    """Whether what comes down from the layers above makes a difference that can be seen."""
    both = np.isfinite(chain.log2_total) & np.isfinite(chain.log2_measured)
    return bool((np.abs(chain.log2_total[both] - chain.log2_measured[both]) > 0.05).any())


class Row(NamedTuple):
    """One line of the readout: a formula, words behind it, a value, and the colour's token."""

    markup: str
    words: str
    value: str
    token: str = "ink"


def rows(chain: Chained, activation: str, switch: int = 0) -> list[Row]:
    """The numbers at the end of the chain: measured first, then theory."""
    steps = len(chain.steps)
    state = state_letter(chain)
    tau, step = chain.loss_step, chain.time_step
    ratio = f"‖∂C_{{{tau}}}/∂{state}_{{{step}}}‖ / ‖∂C_{{{tau}}}/∂{state}_{{{tau}}}‖"
    found = [Row(ratio, "", norm_text(float(chain.log2_measured[-1])), "grad")]
    if not steps:
        return found
    found.append(Row("", "of it a step, geometric mean", norm_text(float(chain.log2_measured[-1]) / steps), "grad"))
    if len(chain.log2_product) == steps + 1:
        words = f"of {steps} factor{'s' if steps > 1 else ''}"
        found.append(Row("‖Π J_k‖_2", words, norm_text(float(chain.log2_product[-1])), "grad"))
    if chain.log2_carry is None:
        return found + _elman_rows(chain, switch, SLOPES[activation])
    gate, gates = CARRIES[cell_of(chain)]
    found.append(Row(f"Π {gate}_k", f"{gates}, rms over units", norm_text(float(chain.log2_carry[-1]))))
    return found + [
        Row(recurrent_block(name), "ρ and σₘₐₓ", f"{significant(chain.radius[name])}, {significant(value)}")
        for name, value in chain.largest.items()
    ]


def _elman_rows(chain: Chained, switch: int, slope: str) -> list[Row]:
    """Theory of a cell with one recurrent matrix, or the decoder's and the encoder's: base, exponent and result."""
    parts = _parts(chain, switch)
    radii = ", ".join(f"ρ{_prime(name)} = {significant(chain.radius[name])}" for name, _ in parts)
    largest = ", ".join(f"σ{_prime(name)}ₘₐₓ = {significant(chain.largest[name])}" for name, _ in parts)
    found = [
        (" ".join(f"ρ{_prime(name)}^{{{count}}}" for name, count in parts), radii, chain.radius, 1.0),
        (_bases(parts, f"{chain.max_slope:g}"), f"bound, {largest}", chain.largest, chain.max_slope),
    ]
    if math.isfinite(chain.mean_slope):
        words = f"mean {slope} = {significant(chain.mean_slope)}"
        found.append((_bases(parts, "mean"), words, chain.largest, chain.mean_slope))
    return [Row(markup, words, norm_text(float(_theory(chain, sizes, switch, factor)[-1])))
            for markup, words, sizes, factor in found]  # fmt: skip


def _bases(parts: list[tuple[str, int]], slope: str) -> str:
    return " ".join(f"(σ{_prime(name)}_{{max}} · {slope})^{{{count}}}" for name, count in parts)


def _prime(name: str) -> str:
    return name[1:]


def sentences(chain: Chained, run: RunSpec) -> str:
    """What the lines mean for this cell, and what was left out."""
    parts = [_MEANING.get(cell_of(chain)) or _ELMAN[run.model.activation]]
    cut = truncation_of(run)
    if cut is not None and chain.time_step < cut.lowest(chain.loss_step):
        parts.append(
            f"Truncation ends this gradient at step {cut.lowest(chain.loss_step)}; "
            "before it the chain shows what would flow."
        )
    taken, steps = len(chain.log2_product) - 1, len(chain.steps)
    if steps and not taken:
        parts.append(f"n = {chain.size}: the factors are too large to be multiplied out.")
    elif taken < steps:
        parts.append(f"Product and spectra: the {taken} of {steps} factors nearest to the loss.")
    if taken and not len(chain.log2_spectra):
        parts.append(f"n = {chain.size}: of each factor only the largest singular value.")
    return " ".join(parts)


def no_factor(chain: Chained) -> str:
    """Why there is nothing to draw."""
    return f"The loss and the step are the same ({chain.loss_step}): there is no factor between them."
