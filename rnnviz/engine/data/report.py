"""What is told about a user's file before it is learned; values only, so that a window can hold them."""

from __future__ import annotations

import msgspec

from rnnviz.engine.data.problems import Problem  # noqa: TC001  msgspec resolves the annotations


class DataColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column of a table: its name, its role in the task ('' for none), "text", "labels" or "numbers"."""

    name: str
    role: str = ""
    kind: str = "text"


class DataCounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much there is to learn; ``unit`` is that of ``shortest`` and ``longest`` (words, bases …).

    ``labels`` are pairs of a label and how often it occurs, the most frequent first; ``label_kinds`` counts all.
    """

    examples: int = 0
    what: str = "example"
    unit: str = ""
    shortest: int = 0
    longest: int = 0
    vocabulary: int = 0
    labels: tuple[tuple[str, int], ...] = ()
    label_kinds: int = 0


class Preview(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything the user sees before learning a file.

    ``kind``: "text", "table", "numbers", "conllu" or "fasta". ``tasks`` can learn it, the present one first where it
    can; ``task`` is the one that is shown, ``roles`` its columns. ``rows`` are the first examples as they will be
    used (``heads`` above them), each with its line of the file. ``problems``: the first 100 of ``problem_count``
    lines that were not understood. ``warnings`` should be known before learning; ``notes`` tell how the file was
    read. ``refusal`` is why it cannot be learned so, '' where it can. ``example`` is what to show first.
    """

    name: str
    kind: str
    encoding: str
    size: int
    read: int
    task: str
    tasks: tuple[str, ...] = ()
    delimiter: str = ""
    header: bool = False
    roles: tuple[str, ...] = ()
    columns: tuple[DataColumn, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple[int, ...] = ()
    counts: DataCounts = DataCounts()
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: str = ""
    example: str = ""

    @property
    def complete(self) -> bool:
        """Whether the whole file was read."""
        return self.read >= self.size
