"""What exists at each step of the four patterns: given inputs, outputs read as inputs, answers, and whose copy it is.

A trace says all of it; while somebody types, and the trace of the new text is still to come, it is foreseen from the
pattern, so that the picture keeps its shape between a key and its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.engine.tasks.typed import ARROWS, START_TOKEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.service.messages import Unrolled

ACCEPTOR, TRANSDUCER, GENERATOR, TRANSLATOR = "acceptor", "transducer", "one-to-sequence", "encoder-decoder"
START = START_TOKEN


@dataclass(frozen=True)
class Wiring:
    """The connections of one text. ``switch``: the steps of the encoder, 0 without one.

    ``marks``: for each step whether it reads the output before it; ``own``: that output is the network's own, not the
    wanted one. ``written``: how many leading tokens stand in the typed text. ``answered``: for each step whether its
    output exists; empty: by the pattern.
    """

    pattern: str = TRANSDUCER
    switch: int = 0
    marks: Sequence[bool] = ()
    own: bool = False
    written: int = -1
    answered: Sequence[bool] = ()

    @property
    def plain(self) -> bool:
        """Whether every step reads a token of the text and answers: nothing about a column is special then."""
        return self.pattern == TRANSDUCER and not self.marks and not self.switch

    @property
    def feeds(self) -> bool:
        """Whether any step reads an output."""
        return bool(self.marks)

    def fed(self, step: int) -> bool:
        """Whether ``step`` reads the output of the step before it."""
        return 1 < step <= len(self.marks) and self.marks[step - 1]

    def drawn(self, step: int) -> bool:
        """Whether the token of ``step`` is one that the network itself has answered."""
        return self.own and self.fed(step)

    def typed(self, step: int) -> bool:
        """Whether the token of ``step`` stands in the text and can be edited."""
        return self.written < 0 or step <= self.written

    def answers(self, step: int, length: int) -> bool:
        """Whether ``step`` of ``length`` has an output and, where one is wanted, a loss."""
        if self.pattern == ACCEPTOR:
            return step == length
        if step <= len(self.answered):
            return self.answered[step - 1]
        return step > self.switch

    def decodes(self, step: int) -> bool:
        """Whether the copy at ``step`` is one of the decoder, with its own weights."""
        return 0 < self.switch < step

    @property
    def runs(self) -> list[range]:
        """The stretches of steps that read outputs."""
        found: list[range] = []
        for step in range(2, len(self.marks) + 1):
            if not self.marks[step - 1]:
                continue
            if found and found[-1].stop == step:
                found[-1] = range(found[-1].start, step + 1)
            else:
                found.append(range(step, step + 1))
        return found


def wiring_of(trace: Unrolled, pattern: str, pieces: Sequence[str]) -> Wiring:
    """The wiring of a trace; ``pieces``: the tokens that stand in its text."""
    length = len(trace.tokens)
    marks = trace.fed.tolist() if len(trace.fed) == length and trace.fed.any() else ()
    written = trace.written if trace.written >= 0 else length
    if trace.own and marks:
        written = min(written, marks.index(True))
    if trace.switch:
        written = min(written, text_steps(pieces, trace.switch))
    answered = trace.answered.tolist() if len(trace.answered) == length and pattern != TRANSDUCER else ()
    return Wiring(pattern, trace.switch, marks, bool(trace.own), min(written, length), answered)


def text_steps(pieces: Sequence[str], switch: int) -> int:
    """How many steps of an encoder-decoder stand in the text: where an arrow is typed, it is the start sign."""
    return len(pieces) if switch < len(pieces) and pieces[switch] != START else min(switch, len(pieces))


def switch_of(pieces: Sequence[str]) -> int:
    """How many of ``pieces`` the encoder reads: those before the start sign or the arrow that is typed for it."""
    signs = (START, *ARROWS)
    return next((place for place in range(1, len(pieces)) if pieces[place] in signs), len(pieces))


def foreseen(
    pattern: str, pieces: Sequence[str], old: tuple[Sequence[str], Wiring], *, own: bool
) -> tuple[tuple[str, ...], Wiring]:  # fmt: skip
    """Tokens and wiring of a text that is being typed: what it says, and behind it the outputs of the trace before.

    The outputs stay as ghosts until those of the new text come, so that nothing jumps for the blink between.
    """
    if not pieces:
        return (), Wiring(pattern, written=0)
    tokens, before = old
    tail = tuple(tokens[before.written :]) if before.written >= 0 and before.pattern == pattern else ()
    typed = tuple(pieces)
    if pattern == TRANSLATOR:
        return _translator(typed, tail, own=own)
    if pattern == GENERATOR:
        wanted = len(typed) > 1
        typed, tail = (typed[:1], tail) if own else (typed, () if wanted else tail)
        whole = (*typed, *tail)
        return whole, Wiring(pattern, 0, [step > 1 for step in range(1, len(whole) + 1)], own or not wanted, len(typed))
    whole = (*typed, *tail) if own else typed
    marks = [step > len(typed) for step in range(1, len(whole) + 1)] if len(whole) > len(typed) else ()
    return whole, Wiring(pattern, 0, marks, own and bool(marks), len(typed))


def _translator(typed: tuple[str, ...], tail: tuple[str, ...], *, own: bool) -> tuple[tuple[str, ...], Wiring]:
    switch = switch_of(typed)
    outputs = tuple(token for token in tail if token != START)
    forced = len(typed) > switch + 1 and not own
    written = len(typed) if forced else min(text_steps(typed, switch), switch + 1)
    whole = (*typed[:switch], START, *(typed[switch + 1 :] if forced else outputs))
    marks = [step > switch + 1 for step in range(1, len(whole) + 1)]
    return whole, Wiring(TRANSLATOR, switch, marks, not forced, written)
