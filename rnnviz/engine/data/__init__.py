"""A user's own files as data: tables, tagged sentences, gene sequences. Nothing in them is ever executed."""

from __future__ import annotations

from rnnviz.engine.data.conllu import TaggedSentence, read_conllu
from rnnviz.engine.data.conversion import table_text
from rnnviz.engine.data.fasta import GeneSequence, read_fasta
from rnnviz.engine.data.source import Problem, Source, read_source
from rnnviz.engine.data.table import Table, read_table

__all__ = [
    "GeneSequence",
    "Problem",
    "Source",
    "Table",
    "TaggedSentence",
    "read_conllu",
    "read_fasta",
    "read_source",
    "read_table",
    "table_text",
]
