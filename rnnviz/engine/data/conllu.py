"""Sentences with a label for every word, in the CoNLL-U format of Universal Dependencies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rnnviz.engine.data.problems import NothingReadError, Problem, Problems, counted, quoted

COLUMNS = 10
FORM, UPOS = 1, 3
MAX_SENTENCES = 100_000
_NO_WORD = re.compile(r"\d+(?:-|\.)\d+")
"""The number of a range of words, or of an empty node."""
_FIRST = "1\t"


@dataclass(frozen=True)
class TaggedSentence:
    """Words and their universal part-of-speech tags, in lower case; ``line`` is that of the first word."""

    words: tuple[str, ...]
    labels: tuple[str, ...]
    line: int


def read_conllu(text: str) -> tuple[tuple[TaggedSentence, ...], Problems]:
    """Read form and UPOS of every word; ranges (``1-2``) and empty nodes (``1.1``) are no words.

    A blank line ends a sentence, and so does a word with the number 1. A line that is no word line is named and leaves
    its sentence without that word; the first 100,000 sentences are read. Raises SpecError where no sentence is found
    (https://universaldependencies.org/format.html).
    """
    sentences: list[TaggedSentence] = []
    problems = Problems()
    words: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if words and (line.startswith(_FIRST) or not line.strip()):
            sentences.append(_sentence(words))
            words = []
        if len(sentences) >= MAX_SENTENCES and line.strip():
            problems.end(number, f"{MAX_SENTENCES:,} sentences")
            break
        if problems.too_many:
            problems.give_up(number)
            break
        if line.strip() and not line.startswith("#"):
            found = _word(line, number)
            if isinstance(found, Problem):
                problems.add(found.line, found.sentence)
            elif found is not None:
                words.append(found)
    if words:
        sentences.append(_sentence(words))
    if not sentences:
        why = f" ({problems.listed[0].as_reason})" if problems.count else ""
        sentence = f"No sentence was found{why}; a CoNLL-U file has one word a line in ten columns separated by tabs."
        raise NothingReadError(sentence, problems)
    return tuple(sentences), problems


def _sentence(words: list[tuple[int, str, str]]) -> TaggedSentence:
    return TaggedSentence(tuple(word for _, word, _ in words), tuple(label for *_, label in words), words[0][0])


def _word(line: str, number: int) -> tuple[int, str, str] | Problem | None:
    cells = line.split("\t")
    if len(cells) != COLUMNS:
        return Problem(number, f"{counted(len(cells), 'column')} instead of {COLUMNS}.")
    if _NO_WORD.fullmatch(cells[0]):
        return None
    if not cells[0].isdecimal():
        return Problem(number, f"{quoted(cells[0])} is no word number.")
    label = cells[UPOS].strip()
    if not cells[FORM].strip() or label in ("", "_"):
        return Problem(number, "a word or its part of speech is missing.")
    if len(label.split()) > 1:
        return Problem(number, f"{quoted(label)} is no part of speech: there is a space in it.")
    return number, cells[FORM], label.lower()
