"""CoNLL-U and FASTA, good files and bad ones."""

from __future__ import annotations

import pytest

from rnnviz.engine.data import read_conllu, read_fasta
from rnnviz.engine.errors import SpecError


def word(number, form, upos):
    return "\t".join([str(number), form, form, upos, *["_"] * 6])


def test_words_and_tags_without_ranges_and_empty_nodes():
    lines = ["# text = I like it", word(1, "I", "PRON"), word("2-3", "like it", "_"), word(2, "like", "VERB"),
             word("2.1", "ghost", "X"), word(3, "it", "PRON"), "", word(1, "Yes", "INTJ")]  # fmt: skip
    sentences, problems = read_conllu("\n".join(lines))
    assert problems.count == 0
    assert [sentence.words for sentence in sentences] == [("I", "like", "it"), ("Yes",)]
    assert sentences[0].labels == ("pron", "verb", "pron")
    assert [sentence.line for sentence in sentences] == [2, 8]


def test_lines_that_are_no_words_are_named():
    text = "\n".join([word(1, "I", "PRON"), "half a line", word("x", "like", "VERB"), word(2, "it", "_"), ""])
    sentences, problems = read_conllu(text)
    assert sentences[0].words == ("I",)
    assert [(problem.line, problem.sentence) for problem in problems.listed] == [
        (2, "1 column instead of 10."),
        (3, "'x' is no word number."),
        (4, "a word or its part of speech is missing."),
    ]
    with pytest.raises(SpecError, match="ten columns"):
        read_conllu("just a text\n")


def test_records_over_several_lines_in_any_case():
    records, problems = read_fasta("; a comment\n>one first\nACGT\nacgu\n\n>\nNNA\n")
    assert problems.count == 0
    assert [(record.title, record.bases, record.line) for record in records] == [
        ("one first", "ACGTACGT", 2),
        ("record 2", "NNA", 6),
    ]


def test_bad_lines_of_a_fasta_file_are_named():
    records, problems = read_fasta("ACGT\n>one\nACXT\nACG\n>two\n")
    assert [(record.bases, record.whole) for record in records] == [("NACG", False)]
    assert [(problem.line, problem.sentence) for problem in problems.in_order] == [
        (1, "this stands before the first title (a line that begins with >)."),
        (3, "X is no base."),
        (5, "'two' has no bases."),
    ]
    with pytest.raises(SpecError, match="No gene sequence"):
        read_fasta("hello\n")


def test_labels_in_titles_and_open_bases():
    records, problems = read_fasta(">g1 promoter|label=yes|x\nacryn\n>g2 class: no\nACGT*\n>g3 mislabel=no\nAC\n")
    assert problems.count == 0
    assert [(record.bases, record.label) for record in records] == [("ACNNN", "yes"), ("ACGT", "no"), ("AC", "")]
