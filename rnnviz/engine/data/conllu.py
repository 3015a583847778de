"""Sentences with a label for every word, in the CoNLL-U format of Universal Dependencies."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.engine.data.problems import Problem, Problems, counted, quoted
from rnnviz.engine.errors import SpecError

COLUMNS = 10
FORM, UPOS = 1, 3


@dataclass(frozen=True)
class TaggedSentence:
    """Words and their universal part-of-speech tags, in lower case; ``line`` is that of the first word."""

    words: tuple[str, ...]
    labels: tuple[str, ...]
    line: int


def read_conllu(text: str) -> tuple[tuple[TaggedSentence, ...], Problems]:
    """Read form and UPOS of every word; ranges (``1-2``) and empty nodes (``1.1``) are no words.

    A line that is no word line is named and leaves its sentence without that word. Raises SpecError where
    no sentence is found (https://universaldependencies.org/format.html).
    """
    sentences: list[TaggedSentence] = []
    problems = Problems()
    words: list[tuple[int, str, str]] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if not line.strip():
            if words:
                sentences.append(_sentence(words))
            words = []
        elif not line.startswith("#"):
            found = _word(line, number)
            if isinstance(found, Problem):
                problems.add(found.line, found.sentence)
            elif found is not None:
                words.append(found)
    if not sentences:
        raise SpecError("No sentence was found; a CoNLL-U file has one word a line in ten columns separated by tabs.")
    return tuple(sentences), problems


def _sentence(words: list[tuple[int, str, str]]) -> TaggedSentence:
    return TaggedSentence(tuple(word for _, word, _ in words), tuple(label for *_, label in words), words[0][0])


def _word(line: str, number: int) -> tuple[int, str, str] | Problem | None:
    cells = line.split("\t")
    if len(cells) != COLUMNS:
        return Problem(number, f"{counted(len(cells), 'column')} instead of {COLUMNS}.")
    if "-" in cells[0] or "." in cells[0]:
        return None
    if not cells[0].isdigit():
        return Problem(number, f"{quoted(cells[0])} is no word number.")
    if not cells[FORM] or cells[UPOS] in ("", "_"):
        return Problem(number, "a word or its part of speech is missing.")
    return number, cells[FORM], cells[UPOS].lower()
