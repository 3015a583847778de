"""Lines of a user's file that were not understood: all are counted, the first are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PROBLEMS = 100
MAX_COUNTED = 200_000
"""After so many lines that were not understood the rest of a file is not read."""
LONGEST_QUOTE = 40


@dataclass(frozen=True)
class Problem:
    """One line (from 1) that was not understood, and why."""

    line: int
    sentence: str

    @property
    def as_reason(self) -> str:
        """The same as a part of another sentence."""
        return f"line {self.line}: {self.sentence.removesuffix('.')}"


@dataclass
class Problems:
    """Counts every problem and keeps the 100 with the lowest lines (of those that came first).

    ``ended`` says where and why the reading ended before the file did, '' where it did not.
    """

    listed: list[Problem] = field(default_factory=list)
    count: int = 0
    ended: str = ""

    @property
    def too_many(self) -> bool:
        """Whether reading on is of no use."""
        return self.count >= MAX_COUNTED

    def end(self, line: int, what: str) -> None:
        """The file is not read from ``line`` on."""
        self.ended = f"{what} stand before line {line:,}; the file from there on was left out."

    def give_up(self, line: int) -> None:
        """The file is not read from ``line`` on, since so little of it was understood."""
        self.end(line, f"{counted(self.count, 'line')} that were not understood")

    def add(self, line: int, sentence: str) -> None:
        """One more line that was not understood."""
        self.count += 1
        if len(self.listed) < MAX_PROBLEMS:
            self.listed.append(Problem(line, sentence))

    def take(self, others: Problems) -> None:
        """Those of an earlier stage of the reading, too."""
        self.count += others.count
        self.ended = self.ended or others.ended
        self.listed = sorted([*self.listed, *others.listed], key=lambda problem: problem.line)[:MAX_PROBLEMS]

    @property
    def in_order(self) -> tuple[Problem, ...]:
        """What was kept, by line."""
        return tuple(sorted(self.listed, key=lambda problem: problem.line))

    @classmethod
    def of(cls, found: Iterable[tuple[int, str]]) -> Problems:
        """Problems of pairs of line and sentence."""
        made = cls()
        for line, sentence in found:
            made.add(line, sentence)
        return made


class NothingReadError(SpecError):
    """A file has no example; ``problems`` are its lines that were not understood."""

    def __init__(self, sentence: str, problems: Problems) -> None:
        super().__init__(sentence)
        self.problems = problems


def quoted(text: str) -> str:
    """A piece of the user's text inside a sentence: in quotation marks and short."""
    return repr(text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…")


def counted(number: int, noun: str) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
