"""Sentences of words: reading what is typed, tables of labelled sentences, and which of them are held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.base import Batch, Ids, padded
from rnnviz.engine.tasks.corpus import limited, shipped_text
from rnnviz.engine.tokens import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rnnviz.engine.spec import TaskSpec

Example = tuple[Ids, Ids]
"""Ids and targets of one sentence, each ``(T,)``."""

Anything = TypeVar("Anything")


class Row(NamedTuple):
    """One row of a table of two columns, and its line in the file (1-based)."""

    line: int
    sentence: str
    label: str


def fold(token: str) -> str:
    """Count a word the same however it is written, also with a typographic apostrophe."""
    return token.casefold().replace("’", "'")


def sentence_words(text: str) -> tuple[str, ...]:
    """The words and punctuation marks of a sentence, as they count."""
    return tuple(fold(token) for token in words(text).tokens)


def read_table(spec: TaskSpec, sample: str, columns: tuple[str, str]) -> tuple[list[Row], tuple[str, ...]]:
    """Read the shipped table, or the user's own in the same form: a header line, then sentence, tab, label."""
    text, notes = limited(shipped_text(sample) if spec.text is None else spec.text)
    rows = list(_rows(text, columns))
    if len(rows) < 2:
        some = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
        raise SpecError(f"The table has {some} below its header; give at least 2.")
    return rows, notes


def _rows(text: str, columns: tuple[str, str]) -> Iterator[Row]:
    header = "\t".join(columns)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].strip() != header:
        raise SpecError(f"Line 1 is {lines[0][:40]!r}; the table must begin with the header {header!r} (tab between).")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 2 or not all(fields):
            first, second = columns
            many = "1 column" if len(fields) == 1 else f"{len(fields)} columns"
            raise SpecError(f"Line {number} has {many}; give a {first}, a tab and its {second}.")
        yield Row(number, *fields)


def dropped(what: str, found: int, unit: str, most: int) -> tuple[str, ...]:
    """What is said where more than ``most`` different words or characters were found."""
    return (f"{what} {found:,} different {unit}; the {most:,} most frequent are learned.",) if found > most else ()


def drop_words(ids: Ids, rng: np.random.Generator, unknown: int, share: float) -> Ids:
    """Replace a share of the words by ``<unk>``, so that the network learns to read past what it does not know."""
    return np.where(rng.random(len(ids)) < share, unknown, ids)


def draw(examples: Sequence[Example], rng: np.random.Generator, size: int, dropped: float) -> Batch:
    """Draw ``size`` examples with replacement, a share of their words replaced by ``<unk>`` (id 0)."""
    chosen = [examples[index] for index in rng.integers(0, len(examples), size=size)]
    return padded([(drop_words(ids, rng, 0, dropped), targets) for ids, targets in chosen])


def draw_once(examples: Sequence[Example], rng: np.random.Generator, size: int) -> Batch:
    """Draw ``size`` examples, none a second time before all were drawn once."""
    rounds = -(-size // len(examples))
    order = np.concatenate([rng.permutation(len(examples)) for _ in range(rounds)])[:size]
    return padded([examples[index] for index in order])
