"""Which of the user's own examples are learned and which are held out: no sequence is on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from rnnviz.engine.tasks.base import Ids
    from rnnviz.engine.tasks.sentences import Example

Anything = TypeVar("Anything")

HELD_OUT_EVERY = 5
"""Of so many different sequences, the last is held out."""
MOST_COMPARED = 2_000_000
"""Of a longer text or series the windows are not compared: it would take seconds."""
LEAST_COMPARED = 16
"""Shorter windows stand in more than one place of any text."""
ALL_REPEATED = "Nothing is held out to test on: the last tenth of the {} repeats what stands before it."
AT_ONCE = 200_000
_FACTOR = 0x9E3779B97F4A7C15


class Apart(NamedTuple, Generic[Anything]):
    """What is learned, what is held out, how many different sequences there are; ``what`` one of them is called."""

    learned: list[Anything]
    held_out: list[Anything]
    different: int
    what: str

    @property
    def repeated(self) -> str:
        """How many repeats there are, as the beginning of a sentence; '' where there are none."""
        total = len(self.learned) + len(self.held_out)
        repeats = total - self.different
        verb = "repeats" if repeats == 1 else "repeat"
        return f"{repeats:,} of {total:,} {self.what}s {verb} an earlier one" if repeats else ""

    def notes(self, tested: int) -> tuple[str, ...]:
        """What the user should know: how many repeats there are, and why ``tested``, the held-out examples, are 0."""
        what, found = self.what, []
        if self.repeated:
            found.append(f"{self.repeated}; all that are the same are learned, or all are held out.")
        if not self.held_out:
            found.append(
                f"Nothing is held out to test on: that takes {HELD_OUT_EVERY} different {what}s, "
                f"and there {'is' if self.different == 1 else 'are'} {self.different}."
            )
        elif not tested:
            found.append(
                f"Nothing is held out to test on: each {what} chosen for it is longer than a training sequence, "
                "or is read like one that is learned."
            )
        return tuple(found)


def apart(rows: Sequence[Anything], keys: Iterable[Hashable], what: str) -> Apart[Anything]:
    """Hold out every fifth of the different ``keys`` (what the network reads of each row), with all its repeats."""
    place: dict[Hashable, int] = {}
    learned, held_out = list[Anything](), list[Anything]()
    for row, key in zip(rows, keys, strict=True):
        at = place.setdefault(key, len(place) + 1)
        (learned if at % HELD_OUT_EVERY else held_out).append(row)
    return Apart(learned, held_out, len(place), what)


def unlike(held_out: Iterable[Example], learned: Iterable[Example]) -> list[Example]:
    """The held-out examples whose ids no learned one has: words that are not learned are all read as ``<unk>``."""
    known = {ids.tobytes() for ids, _ in learned}
    return [example for example in held_out if example[0].tobytes() not in known]


def new_windows(learned: np.ndarray[Any, Any], held_out: np.ndarray[Any, Any], length: int) -> Ids:
    """Where in ``held_out`` windows of ``length`` entries begin that stand nowhere in ``learned``.

    Windows of fewer than 16 entries are judged by the 16 that begin there, and where all of ``held_out`` is shorter
    than a window, the whole is one. The windows of 8-byte entries (ids or numbers) are compared by 64-bit sums that
    each entry changes; by chance two different ones agree in one of 10⁷ texts. Of more than two million entries every
    window is taken.
    """
    length = min(max(length, LEAST_COMPARED), len(held_out))
    starts = np.arange(len(held_out) - length + 1)
    if len(learned) + len(held_out) > MOST_COMPARED or length > len(learned):
        return starts
    sums, new = _sums(held_out, length), np.ones(len(starts), np.bool_)
    for first in range(0, len(learned) - length + 1, AT_ONCE):
        new &= ~np.isin(sums, _sums(learned[first : first + AT_ONCE + length - 1], length))
    return np.asarray(starts[new])


def _sums(entries: np.ndarray[Any, Any], length: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """``Σ_i f^(length−1−i) m(x_(t+i))`` mod 2⁶⁴ of every window; m mixes the bits of an entry, f is odd."""
    mixed = np.ascontiguousarray(entries).view(np.uint64) + np.uint64(1)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
    sums, done = np.zeros(len(mixed) - length + 1, np.uint64), 0
    block, width = mixed ^ (mixed >> np.uint64(32)), 1
    while width <= length:
        if length & width:  # one more block of ``width`` entries behind those that are summed already
            part = block[done : done + len(sums)]
            sums = sums * np.uint64(pow(_FACTOR, width, 1 << 64)) + part
            done += width
        if 2 * width <= length:
            block = block[:-width] * np.uint64(pow(_FACTOR, width, 1 << 64)) + block[width:]
        width *= 2
    return sums
