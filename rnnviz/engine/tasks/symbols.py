"""Tasks over a small alphabet of single signs that make their own data."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from rnnviz.engine.sequence import NO_TARGET, EncodedSequence
from rnnviz.engine.tasks.base import Flags, Floats, Ids, Task, check_no_corpus
from rnnviz.engine.tokens import Vocabulary, characters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.engine.spec import TaskSpec


class SymbolTask(Task):
    """A task whose input is a string over ``alphabet``; ``signs`` names that alphabet to the user."""

    makes_data = True
    alphabet: ClassVar[str]
    signs: ClassVar[str]

    def __init__(self, spec: TaskSpec) -> None:
        check_no_corpus(spec, self.title)
        super().__init__(spec)
        self.vocabulary = Vocabulary(tuple(self.alphabet))

    @abstractmethod
    def answers(self, ids: Ids) -> tuple[Ids, tuple[str, ...]]:
        """The targets ``(T,)`` of a string of known signs, and notes where it has none."""

    def fold(self, token: str) -> str:
        """The sign of the alphabet that a typed one stands for."""
        return token

    def encode(self, text: str) -> EncodedSequence:
        """Every sign is a token, white space is dropped; a string with a sign outside the alphabet has no loss."""
        found = characters("".join(text.split()) or text)
        ids, known = self.vocabulary.encode([self.fold(token) for token in found.tokens])
        if not len(ids) or known.all():
            targets, notes = self.answers(ids) if len(ids) else (ids, ())
        else:
            targets = no_targets(len(ids))
            notes = (f"A text with other signs than {self.signs} has no right answer here, so it has no loss.",)
        return EncodedSequence(found.tokens, ids, targets, known, (*found.notes, *notes))


def nothing(notes: tuple[str, ...] = ()) -> EncodedSequence:
    """What is made of a blank text."""
    return EncodedSequence((), no_targets(0), no_targets(0), np.zeros(0, np.bool_), notes)


def no_targets(steps: int) -> Ids:
    """Targets of a sequence without any loss."""
    return np.full(steps, NO_TARGET, dtype=np.int64)


def next_signs(ids: Ids) -> Ids:
    """Each step's target is the next sign; the last step has none."""
    targets = no_targets(len(ids))
    targets[:-1] = ids[1:]
    return targets


def answer_at_end(steps: int, label: int) -> Ids:
    """The targets of an acceptor: one label at the last step."""
    targets = no_targets(steps)
    targets[-1] = label
    return targets


def allowed_on_top(probabilities: Floats, allowed: Sequence[Flags]) -> Flags:
    """Whether, in each sequence ``(B,)``, every allowed successor is at every step above every other sign.

    The criterion of Hochreiter & Schmidhuber (1997, section 5.1). ``probabilities (B, T, classes)``; ``allowed[b]``
    is ``(steps, classes)``, true where a sign may follow; a step that allows none is left out.
    """
    right = np.zeros(len(allowed), dtype=np.bool_)
    for row, mask in enumerate(allowed):
        judged = mask.any(axis=1)
        shown = probabilities[row, : len(mask)]
        worst = np.where(mask, shown, np.inf).min(axis=1)
        best_other = np.where(mask, -np.inf, shown).max(axis=1)
        right[row] = (worst > best_other)[judged].all()
    return right
