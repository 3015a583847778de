"""What kind of file a text comes from: a table, tagged sentences, gene sequences, numbers, or plain text."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from rnnviz.engine.data.conllu import COLUMNS
from rnnviz.engine.data.fasta import BASES, UNKNOWN_BASES
from rnnviz.engine.data.sniff import DELIMITERS, SPACES, first_lines, sniffed_delimiter
from rnnviz.engine.tasks.typed_numbers import number_of, number_words

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("text", "table", "numbers", "conllu", "fasta")
TABLE_SUFFIXES = (".csv", ".tsv", ".tab")
CONLLU_SUFFIXES = (".conllu", ".conll")
FASTA_SUFFIXES = (".fasta", ".fa", ".fna", ".ffn", ".fas", ".frn", ".faa")
"""The last is that of proteins: they are refused with the reason, unless they are learned as plain text."""
REGULAR = 0.9
SURE_BASES = BASES | {"N"}


def kind_of(name: str, text: str) -> str:
    """One of :data:`KINDS`, by the content first: a name can be wrong, and often ends in ``.txt``."""
    lines = first_lines(text)
    suffix = PurePath(name).suffix.lower()
    if _is_fasta(lines, suffix):
        return "fasta"
    if _is_conllu(lines, suffix):
        return "conllu"
    if _is_numbers(lines):
        return "numbers"
    return "table" if suffix in TABLE_SUFFIXES or _is_table(text, lines) else "text"


def _is_fasta(lines: Sequence[str], suffix: str) -> bool:
    shown = [line.strip() for line in lines if not line.startswith(";")]
    if not shown or not shown[0].startswith(">"):
        return suffix in FASTA_SUFFIXES
    below = "".join(next((line for line in shown if not line.startswith(">")), "").upper().split())
    sure = sum(sign in SURE_BASES for sign in below)
    return suffix in FASTA_SUFFIXES or (set(below) <= BASES | UNKNOWN_BASES and sure >= REGULAR * len(below) > 0)


def _is_conllu(lines: Sequence[str], suffix: str) -> bool:
    words = [line.split("\t") for line in lines if not line.startswith("#")]
    tagged = sum(len(cells) == COLUMNS and cells[0][:1].isdigit() for cells in words)
    return suffix in CONLLU_SUFFIXES or (bool(words) and tagged >= REGULAR * len(words))


def _is_numbers(lines: Sequence[str]) -> bool:
    """Whether all lines are numbers, or nearly all below a name."""
    if len(lines) == 1:
        cells = list(number_words(lines[0]))
        return len(cells) > 2 and sum(number_of(cell) is not None for cell in cells) >= len(cells) - 1
    found = sum(map(_is_number, lines))
    return bool(lines) and (found == len(lines) or (found > 1 and found >= REGULAR * (len(lines) - 1)))


def _is_number(line: str) -> bool:
    """One number on a line, or several between white space."""
    cells = line.split()
    return bool(cells) and all(number_of(cell) is not None for cell in cells)


def _is_table(text: str, lines: Sequence[str]) -> bool:
    """Whether a file without the name of a table is one: prose has commas, but not equally many on each line."""
    sign, regularity = sniffed_delimiter(text)
    if sign == SPACES or sign not in DELIMITERS or regularity < REGULAR or len(lines) < 2:
        return False
    if sign == "\t":
        return True
    cells = [cell for line in lines for cell in line.split(sign)]
    filled = sum(bool(cell.strip()) for cell in cells) >= REGULAR * len(cells)
    return filled and len(lines) > 2 and regularity > 0.95
