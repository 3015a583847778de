"""The 3-bit flip-flop: three memories, each set by sparse pulses of its own (Sussillo & Barak 2013)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.tasks.base import ADAM, Batch, Floats, check_no_corpus
from rnnviz.engine.tasks.numbers import NumberTask, number_batch, number_sequence, read_numbers, typed_words
from rnnviz.engine.tasks.typed_numbers import CHANNELS, SIGNS, is_pulse, number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.spec import TaskSpec

PULSES = 0.1
"""The share of steps at which a channel has a pulse."""
EXAMPLE_LENGTH = 24


class FlipFlop(NumberTask):
    """Read pulses of +1 and -1 on three channels and answer, at every step, the last pulse of each channel.

    The first step has a pulse on every channel, so that there is always one to remember; after it a channel has one at
    every tenth step. Every answer is +1 or -1 with the same probability: the constant 0 has squared error 1. After
    training the network holds 8 stable fixed points, one for each state of the three bits.

    Measured over 5 seeds: the default's held-out squared error is 0.0005 to 0.0007 after 400 steps (1.5 s); in 3 of 3
    seeds it had all 8 fixed points after 120. Data are made afresh, and none comes twice.
    """

    name = "flip-flop"
    title = "3-bit flip-flop"
    sentence = "The network reads rare pulses of +1 and −1 on three lines and answers the last pulse of each."
    pattern = "transducer"
    example = "+-+ 000 000 -00 000 0+0 000 00- +00 000 000 0-0"
    default_length = 64
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "elman", "hidden": 16}
    default_training: ClassVar[Mapping[str, Any]] = {**ADAM, "learning_rate": 0.02}
    default_steps = 400
    makes_data = True
    channels = ("bit 1", "bit 2", "bit 3")
    outputs = ("bit 1", "bit 2", "bit 3")
    tolerance = 0.5

    def __init__(self, spec: TaskSpec) -> None:
        check_no_corpus(spec, self.title)
        super().__init__(spec)
        self.baseline = 1.0
        self.baseline_label = "always 0"

    def encode(self, text: str) -> EncodedSequence:
        """A step is a word of three signs such as ``+0-``, or three numbers; there is no loss before all three pulsed.

        Everything from half a unit on counts as a pulse when the answer is worked out.
        """
        words, notes = typed_words(text)
        rows, known, unfinished = _steps(words)
        found = [read_numbers(row) for row in rows]
        values = np.array([each.values for each in found]).reshape(-1, CHANNELS)
        told = [note for each in found for note in each.notes]
        if unfinished:
            told.append(f"The last step has {unfinished} of {CHANNELS} numbers; the others were read as 0.")
        wanted = last_pulses(values[None])[0]
        if len(rows) and np.isnan(wanted).any(axis=1).all():
            told.append("A line without any pulse has nothing to remember, so there is no loss.")
        told = list(dict.fromkeys(told))
        return number_sequence(
            [_token(row) for row in values], values, wanted, np.array(known, dtype=np.bool_), (*notes, *told)
        )

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw pulses; the first step has one on every channel."""
        shape = (size, self.length, CHANNELS)
        pulses = rng.random(shape) < PULSES
        pulses[:, 0] = True
        inputs = pulses * rng.choice((-1.0, 1.0), shape)
        return number_batch(inputs, last_pulses(inputs))

    def another_example(self, seed: int) -> str:
        """Pulses as in training, a little more of them."""
        rng = np.random.default_rng([seed, 12])
        pulses = rng.random((EXAMPLE_LENGTH, CHANNELS)) < 1.5 * PULSES
        pulses[0] = True
        steps = pulses * rng.choice((-1, 1), pulses.shape)
        return " ".join("".join("0+-"[value] for value in row) for row in steps.tolist())


def last_pulses(inputs: Floats) -> Floats:
    """The sign of the last pulse of each channel ``(B, T, K)`` up to each step; NaN before the first one."""
    pulses = np.abs(inputs) >= 0.5
    steps = np.arange(inputs.shape[1])[None, :, None]
    last = np.maximum.accumulate(np.where(pulses, steps, -1), axis=1)
    signs = np.take_along_axis(np.sign(inputs), np.maximum(last, 0), axis=1)
    return np.where(last < 0, np.nan, signs)


def _steps(words: tuple[str, ...]) -> tuple[list[list[str]], list[bool], int]:
    """Each step's three words, whether all of them are numbers, and how many words an unfinished last step had."""
    rows: list[list[str]] = []
    open_row: list[str] = []
    for word in words:
        if not open_row and is_pulse(word):
            rows.append([f"{SIGNS[sign]:g}" for sign in word])
            continue
        open_row.append(word)
        if len(open_row) == CHANNELS:
            rows.append(open_row)
            open_row = []
    unfinished = len(open_row)
    if unfinished:
        rows.append(open_row + ["0"] * (CHANNELS - unfinished))
    return rows, [all(number_of(word) is not None for word in row) for row in rows], unfinished


def _token(row: Floats) -> str:
    """``+0−`` for pulses, the numbers themselves for anything else."""
    if np.isin(row, (-1, 0, 1)).all():
        return "".join("0+−"[int(value)] for value in row)
    return " ".join(f"{value:g}" for value in row)
