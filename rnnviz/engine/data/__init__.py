"""A user's own files as data: texts, tables, tagged sentences, gene sequences. Nothing in them is ever executed.

A module is imported when something of it is first asked for: a window that opens no file pays for none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.engine.data.choice import DataChoice, parse_columns
    from rnnviz.engine.data.conllu import TaggedSentence, read_conllu
    from rnnviz.engine.data.fasta import GeneSequence, read_fasta
    from rnnviz.engine.data.own_file import OwnFile
    from rnnviz.engine.data.preview import prepare, task_data
    from rnnviz.engine.data.problems import Problem, Problems
    from rnnviz.engine.data.report import Preview
    from rnnviz.engine.data.source import Source, read_source
    from rnnviz.engine.data.table import Table, read_table

_MODULES = {
    "choice": ("DataChoice", "parse_columns"),
    "conllu": ("TaggedSentence", "read_conllu"),
    "fasta": ("GeneSequence", "read_fasta"),
    "own_file": ("OwnFile",),
    "preview": ("prepare", "task_data"),
    "problems": ("Problem", "Problems"),
    "report": ("Preview",),
    "source": ("Source", "read_source"),
    "table": ("Table", "read_table"),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "DataChoice",
    "GeneSequence",
    "OwnFile",
    "Preview",
    "Problem",
    "Problems",
    "Source",
    "Table",
    "TaggedSentence",
    "parse_columns",
    "prepare",
    "read_conllu",
    "read_fasta",
    "read_source",
    "read_table",
    "task_data",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what a module may hold
    """Import the module that holds ``name``."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
