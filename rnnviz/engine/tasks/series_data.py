"""Series of numbers: sine mixtures, noisy steps, the Mackey-Glass equation, a column of the user's own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.tasks.numbers import typed_words
from rnnviz.engine.tasks.typed_numbers import number_of

if TYPE_CHECKING:
    from rnnviz.engine.tasks.base import Floats

AMPLITUDES = (0.3, 0.7)
PERIODS = (10.0, 27.0)
JUMPS = 0.03
"""The probability that the level of the noisy steps jumps, at each step."""
NOISE = 0.2
TAU, BETA, GAMMA, POWER = 17.0, 0.2, 0.1, 10
DELAYS = (5, 60)
"""Of the Mackey-Glass equation: a fixed point below 5, a limit cycle to about 13, chaos from 17 on."""
SAMPLED_EVERY = 3.0
"""Time units between two numbers of the Mackey-Glass series, whose humps are about 50 apart."""
TRANSIENT = 500.0
MAX_NUMBERS = 1_000_000
LEAST_KNOWN = 6
"""Fewer numbers than these could begin many a series."""


def sine_mixtures(rng: np.random.Generator, size: int, length: int) -> Floats:
    """``x_t = Σ_k a_k sin(2π t / P_k + φ_k)`` ``(size, length)``: P = 10 and 27, a U(0.3, 0.7), any phases φ."""
    shape = (size, len(PERIODS), 1)
    amplitudes, phases = rng.uniform(*AMPLITUDES, shape), rng.uniform(0, 2 * np.pi, shape)
    waves = amplitudes * np.sin(2 * np.pi * np.arange(length) / np.array(PERIODS)[:, None] + phases)
    return np.asarray(waves.sum(axis=1))


def noisy_steps(rng: np.random.Generator, size: int, length: int) -> Floats:
    """A level U(−1, 1) that jumps at three steps in a hundred, seen with noise of standard deviation 0.2."""
    jumps = rng.random((size, length)) < JUMPS
    jumps[:, 0] = True
    start = np.maximum.accumulate(np.where(jumps, np.arange(length), 0), axis=1)
    levels = np.take_along_axis(rng.uniform(-1, 1, (size, length)), start, axis=1)
    return np.asarray(levels + NOISE * rng.standard_normal((size, length)))


def sines_repeated() -> float:
    """The expected squared error of repeating the last number of a sine mixture, 0.0574.

    ``E[(x_(t+1) − x_t)²] = E[a²] Σ_k (1 − cos 2π/P_k)``: the difference of neighbours of one sine is
    ``2 a sin(π/P) cos(ψ)`` with an even phase ψ, its mean square ``2 a² sin²(π/P) = a² (1 − cos 2π/P)``, the phases
    are independent, and ``E[a²] = (h³ − l³) / (3 (h − l))`` for a U(l, h).
    """
    low, high = AMPLITUDES
    square = (high**3 - low**3) / (3 * (high - low))
    return float(square * (1 - np.cos(2 * np.pi / np.array(PERIODS))).sum())


def steps_repeated() -> float:
    """The expected squared error of repeating the last number of the noisy steps, 0.1.

    ``2 σ² + p 2/3``: both neighbours have noise of variance σ², and with the probability p there is a jump, between
    two independent levels U(−1, 1) of variance 1/3 each.
    """
    return 2 * NOISE**2 + JUMPS * 2 / 3


@lru_cache(maxsize=4)
def mackey_glass(
    count: int, seed: int = 0, steps_per_unit: int = 2, transient: float = TRANSIENT, tau: float = TAU
) -> Floats:
    """``dx/dt = β x(t−τ) / (1 + x(t−τ)¹⁰) − γ x`` with β = 0.2, γ = 0.1 (Mackey & Glass 1977): chaotic for τ = 17.

    Integrated by Runge and Kutta's fourth-order formula; the delayed value in the middle of a step is the mean of its
    ends. The history before the start is a constant that the seed draws from U(1.1, 1.3); the first ``transient``
    time units are left out. Returns ``count`` numbers, one every 3 time units.
    """
    back, width = round(tau * steps_per_unit), 1 / steps_per_unit
    every, first = round(SAMPLED_EVERY * steps_per_unit), round(transient * steps_per_unit)
    values = [float(np.random.default_rng([seed, 7]).uniform(1.1, 1.3))] * (back + 1)
    for _ in range(first + every * (count - 1)):
        x, before, after = values[-1], _inflow(values[-1 - back]), _inflow(values[-back])
        middle = _inflow(0.5 * (values[-1 - back] + values[-back]))
        k1 = before - GAMMA * x
        k2 = middle - GAMMA * (x + 0.5 * width * k1)
        k3 = middle - GAMMA * (x + 0.5 * width * k2)
        k4 = after - GAMMA * (x + width * k3)
        values.append(x + width * (k1 + 2 * k2 + 2 * k3 + k4) / 6)
    series = np.array(values[back + first :: every])
    series.setflags(write=False)
    return series


def _inflow(delayed: float) -> float:
    return BETA * delayed / (1 + delayed**POWER)


def sines_through(values: Floats, tolerance: float) -> Floats | None:
    """The coefficients ``(4,)`` of the two sines that pass through ``values (T,)`` within ``tolerance``; None: none do.

    ``x_t = Σ_k a_k sin(2π t / P_k) + b_k cos(2π t / P_k)``, t = 0 at the first value, by least squares.
    """
    if len(values) < LEAST_KNOWN:
        return None
    waves = _waves(0, len(values))
    found, *_ = np.linalg.lstsq(waves, values, rcond=None)
    return np.asarray(found) if np.abs(waves @ found - values).max() <= tolerance else None


def sines_after(coefficients: Floats, first: int, steps: int) -> Floats:
    """The values ``(steps,)`` of those sines from t = ``first`` on."""
    return np.asarray(_waves(first, steps) @ coefficients)


def _waves(first: int, steps: int) -> Floats:
    angles = 2 * np.pi * np.arange(first, first + steps)[:, None] / np.array(PERIODS)
    return np.concatenate((np.sin(angles), np.cos(angles)), axis=1)


def place_in(series: Floats, values: Floats, tolerance: float) -> int | None:
    """Where ``values (T,)`` stand in ``series (N,)``, each within ``tolerance``; None where they do not."""
    if not LEAST_KNOWN <= len(values) <= len(series):
        return None
    places = np.arange(len(series) - len(values) + 1)
    for row, value in enumerate(values):
        places = places[np.abs(series[places + row] - value) <= tolerance]
        if not len(places):
            return None
    return int(places[0])


def read_column(text: str) -> tuple[Floats, tuple[str, ...]]:
    """The numbers of a text: the last of each line, or all of a single line; and notes on what was left out."""
    lines = text.splitlines()
    if len(lines) == 1:
        lines = list(typed_words(text, MAX_NUMBERS)[0])
    found, without, several = [], [], 0
    for place, line in enumerate(lines[:MAX_NUMBERS], start=1):
        words = typed_words(line)[0]
        value = number_of(words[-1]) if words else None
        if value is not None:
            found.append(value)
            several += len(words) > 1
        elif words:
            without.append(place)
    notes = []
    if without:
        many = "1 line ends" if len(without) == 1 else f"{len(without):,} lines end"
        notes.append(f"{many} with no number and was left out, first line {without[0]}.")
    if several:
        notes.append("Lines with several numbers were read by their last one.")
    if len(lines) > MAX_NUMBERS:
        notes.append(f"Only the first {MAX_NUMBERS:,} of {len(lines):,} numbers are learned.")
    return np.array(found, dtype=np.float64), tuple(notes)
