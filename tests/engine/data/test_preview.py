"""The preview of a user's file: what kind it is, which tasks can learn it, what was understood, what was not."""

from __future__ import annotations

import tracemalloc

import msgspec
import pytest

from rnnviz.engine.data import DataChoice, OwnFile, parse_columns
from rnnviz.engine.data import source as source_module
from rnnviz.engine.data import table as table_module
from rnnviz.engine.data.preview import prepare, preview
from rnnviz.engine.data.report import Preview
from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks import make_task


def written(folder, name, content, encoding="utf-8"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


LABELLED = "sentence,label\n" + "".join(f"the {word} was good,{label}\n" for word, label in
                                        zip(["soup", "cake", "end"] * 4, ["yes", "no"] * 6, strict=True))  # fmt: skip
WORD = "1\tI\t_\tPRON" + "\t_" * 6


@pytest.mark.parametrize(
    ("name", "content", "kind", "tasks"),
    [
        ("own.csv", LABELLED, "table", ("sentiment", "generate", "translation", "word-labels")),
        ("own.txt", "a b\tc d\ne f\tg h\ni j\tk l\n", "table", ("translation", "sentiment", "generate", "word-labels")),
        ("own.csv", "en;es\nI eat;como\nwe eat;comemos\n", "table", ("translation",)),
        ("own.tsv", "sentence\tlabels\nred apples\tadj noun\nold bags\tadj noun\n", "table", ("word-labels",)),
        ("own.csv", "day,price\n" + "".join(f"d{i},{i}.5\n" for i in range(30)), "table", ("series",)),
        (
            "own.csv",
            "when,n\n" + "".join(f"{'mon' if i % 2 else 'tue'},{i % 5}\n" for i in range(30)),
            "table",
            ("series",),
        ),
        ("own.csv", "review,stars\nbad place,1\nfine soup,5\nfine cake,5\n", "table", ("sentiment",)),
        ("own.csv", "seq,kind\nACGT,x\nGGTA,y\nTTTT,x\nAAAA,y\n", "table", ("dna",)),
        ("own.txt", "1\n2\n3\n", "numbers", ("series",)),
        ("own.txt", "1\n2\nfour\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "numbers", ("series",)),
        ("own.dat", "1 2\n3 4\n5 6\n", "numbers", ("series",)),
        ("own.txt", f"# a comment\n{WORD}\n\n", "conllu", ("word-labels",)),
        ("own.txt", ">gene\nACGTACGT\n", "fasta", ("dna",)),
        ("own.txt", "Prose, with a comma,\nand more, of it,\nand more.\n", "text", ()),
        ("own.txt", "> a quotation\nfrom a letter\n", "text", ()),
        ("poem.txt", "one, two,\nthree, four,\nfive, six,\n", "text", ()),
        ("one.csv", "only one column\nof text\n", "table", ()),
    ],
)
def test_the_kind_of_a_file_and_the_tasks_that_can_learn_it(tmp_path, name, content, kind, tasks):
    found = preview(written(tmp_path, name, content))
    assert found.kind == kind
    assert found.tasks[: len(tasks)] == tasks
    assert found.tasks[-2:] == ("next-char", "next-word")
    assert found.task == found.tasks[0]


def test_the_task_on_show_comes_first_where_the_file_was_made_for_it(tmp_path):
    table = OwnFile(written(tmp_path, "own.csv", LABELLED))
    assert table.chosen_task(DataChoice(), "translation") == "translation"
    assert table.chosen_task(DataChoice(), "next-char") == table.chosen_task(DataChoice(), "parity") == "sentiment"
    found = prepare(table, "translation", DataChoice(), present="translation").preview
    assert found.tasks[:2] == ("translation", "sentiment")
    text = OwnFile(written(tmp_path, "own.txt", "some text\n"))
    assert text.chosen_task(DataChoice(), "next-word") == "next-word"
    assert prepare(text, "next-word", DataChoice(), present="next-word").preview.tasks == ("next-word", "next-char")


def test_what_a_table_holds_is_counted(tmp_path):
    path = written(tmp_path, "own.csv", LABELLED + "one more,no,column\n,no\n")
    found = preview(path)
    assert [(column.name, column.role, column.kind) for column in found.columns] == [
        ("sentence", "sentence", "labels"), ("label", "label", "labels"),
    ]  # fmt: skip
    assert (found.header, found.delimiter, found.encoding, found.size) == (True, ",", "utf-8", path.stat().st_size)
    assert found.complete
    assert (found.heads, found.rows[0], found.lines[0]) == (("sentence", "label"), ("the soup was good", "yes"), 2)
    counts = found.counts
    assert (counts.examples, counts.shortest, counts.longest, counts.unit) == (12, 4, 4, "word")
    assert (counts.vocabulary, counts.labels, counts.label_kinds) == (6, (("yes", 6), ("no", 6)), 2)
    assert [(problem.line, problem.sentence) for problem in found.problems] == [
        (14, "3 columns instead of 2."), (15, "the sentence is missing."),
    ]  # fmt: skip
    assert found.problem_count == 2
    assert found.example == "the soup was good"
    assert found.refusal == ""
    assert found.warnings == (
        "9 of 12 sentences repeat an earlier one; all that are the same are learned, or all are held out.",
        "Nothing is held out to test on: that takes 5 different sentences, and there are 3.",
    )


def test_columns_and_header_can_be_chosen(tmp_path):
    path = written(tmp_path, "own.csv", "x,y,z\nred soup,a b,1\nold cake,b c,2\nred cake,a b,1\n")
    found = preview(path, "sentiment", DataChoice(columns={"sentence": "y", "label": "#3"}))
    assert found.rows == (("a b", "1"), ("b c", "2"), ("a b", "1"))
    found = preview(path, "sentiment", DataChoice(header=False))
    assert found.columns[0].name == "column 1"
    assert found.lines == (1, 2, 3, 4)
    wrong = preview(path, "sentiment", DataChoice(columns={"sentence": "none"}))
    assert wrong.refusal == "There is no column 'none'; choose one of x, y, z."
    assert len(wrong.columns) == 3


def test_only_the_first_problems_are_listed_and_all_are_counted(tmp_path):
    found = preview(written(tmp_path, "own.csv", LABELLED * 20 + "x\n" * 150))
    assert (found.problem_count, len(found.problems)) == (150, 100)


def test_one_label_and_one_row_cannot_be_learned_and_that_is_said(tmp_path):
    one = preview(written(tmp_path, "a.csv", "sentence,label\na b,x\nc d,x\n"))
    assert one.refusal == "The table has 1 different label; give 2 to 100."
    assert one.rows == (("a b", "x"), ("c d", "x"))
    row = preview(written(tmp_path, "b.csv", "some words,x\n"))
    assert row.refusal == "The table has 1 row below its header; give at least 2."
    none = preview(written(tmp_path, "c.csv", "sentence,label\n"), "sentiment")
    assert "give" in none.refusal


def test_longer_sequences_get_a_longer_training_and_what_is_too_long_is_warned_of(tmp_path):
    rows = [f"{'word ' * length}end\t{'yes' if length % 2 else 'no'}\n" for length in (3, 4, 60, 5, 700)]
    file = OwnFile(written(tmp_path, "own.tsv", "sentence\tlabel\n" + "".join(rows)))
    found, spec = prepare(file, "sentiment", DataChoice())
    assert spec.length == 200
    assert found.warnings == (
        "1 example is longer than 200 words and is left out of the training.",
        "Nothing is held out to test on: each sentence chosen for it is longer than a training sequence, "
        "or is read like one that is learned.",
    )
    assert prepare(file, "sentiment", DataChoice(), length=50).spec.length == 50
    short = OwnFile(written(tmp_path, "short.tsv", "sentence\tlabel\n" + "".join(rows[:4])))
    assert prepare(short, "sentiment", DataChoice()).spec.length == 61
    assert prepare(OwnFile(written(tmp_path, "s.csv", LABELLED)), "sentiment", DataChoice()).spec.length == 0


@pytest.mark.parametrize(
    ("task", "content", "example"),
    [
        ("next-char", "\n\nA line of text\nand more\n", "A line of text"),
        ("next-word", "A line of text\n", "A line of text"),
        ("series", "1\n2\n3\n", "1 2 3"),
        ("dna", f">a\n{'GC' * 20}TATAAA{'GC' * 20}\n", "GCGCGCGCTATAAAGCGCGCGC"),
        ("generate", "label,text\nsong,la la\nnews,it rained\nsong,la\n", "song: la la"),
        ("translation", "source,target\nI eat,como\nwe eat,comemos\n", "I eat"),
    ],
)
def test_the_example_is_one_that_the_task_knows(tmp_path, task, content, example):
    found, spec = prepare(OwnFile(written(tmp_path, "own.csv", content)), task, DataChoice())
    assert found.example == example
    encoded = make_task(spec).encode(found.example)
    assert encoded.known.all()
    assert found.counts.examples > 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_a_text_in_any_encoding_is_learned(tmp_path, encoding):
    found, spec = prepare(OwnFile(written(tmp_path, "own.txt", "naïve café\nund so weiter\n", encoding)), "next-char",
                          DataChoice())  # fmt: skip
    assert spec.text == "naïve café\nund so weiter\n"
    assert (found.counts.examples, found.counts.vocabulary) == (25, len(set(spec.text)))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\n \r\n", "is empty"), (b"\x00\x01\x02 binary \x00", "is no text"), (None, "No such file")],
)
def test_what_is_no_data_is_refused_in_one_sentence(tmp_path, content, words):
    path = tmp_path / "own.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SpecError, match=words) as refused:
        preview(path)
    assert "\n" not in str(refused.value)


def test_a_file_that_changes_or_vanishes_is_noticed(tmp_path):
    path = written(tmp_path, "own.csv", LABELLED)
    file = OwnFile(path)
    assert file.unchanged
    path.write_text(LABELLED + "more,yes\n")
    assert not file.unchanged
    path.unlink()
    with pytest.raises(SpecError, match=r"own\.csv could not be read: No such file"):
        file.unchanged  # noqa: B018  the property reads the disk


@pytest.mark.parametrize("line", ["a sentence of words,yes\n", "word " * 40 + "\n", "3.25\n"])
def test_of_a_500_mb_file_a_sample_is_read_in_bounded_memory(tmp_path, line, monkeypatch):
    monkeypatch.setattr(source_module, "SAMPLE_BYTES", 1_000_000)  # a twentieth, so that tests stay short
    monkeypatch.setattr(table_module, "MAX_ROWS", 4_000)
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.write((line * (1_100_000 // len(line))).encode())
        stream.truncate(500_000_000)
    tracemalloc.start()
    try:
        found = preview(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40e6  # all of it read would be 500 MB as bytes alone
    assert (found.read, found.size, found.complete) == (1_000_000, 500_000_000, False)
    assert "huge.csv has 500 MB; its first 1 MB were read." in found.notes
    assert len(found.rows) == 12
    assert max(len(cell) for row in found.rows for cell in row) <= 161


def test_a_line_without_end_is_a_text(tmp_path):
    found = preview(written(tmp_path, "own.txt", "abc" * 700_000))
    assert (found.kind, found.counts.examples) == ("text", 2_100_000)
    assert found.example == "abc" * 13 + "a"
    assert len(found.rows[0][0]) == 161


def test_what_comes_after_very_many_blank_lines_is_shown_with_its_line(tmp_path):
    found = preview(written(tmp_path, "own.txt", "\n" * 300_000 + "here\n\nand here\n"))
    assert (found.rows, found.lines) == ((("here",), ("and here",)), (300_001, 300_003))
    assert found.example == "here"


def test_a_row_of_millions_of_cells_is_one_line_that_was_not_understood(tmp_path):
    found = preview(written(tmp_path, "own.csv", "ab," * 1_000_000 + "\n" + "some text,yes\nother text,no\n"))
    assert found.problems[0].sentence == "1,000,001 columns are more than the 1,000 that are read."
    assert [column.name for column in found.columns] == ["column 1", "column 2"]


def test_a_single_line_of_very_many_numbers_is_a_series(tmp_path):
    found = preview(written(tmp_path, "own.txt", "1.5, 2;3 " * 100_000))
    assert (found.kind, found.task, found.counts.examples) == ("numbers", "series", 200_000)
    assert found.notes == ("The first 200,000 rows were read; those after them were left out.",)


def test_a_preview_goes_over_the_wire_whole(tmp_path):
    found = preview(written(tmp_path, "own.csv", LABELLED + "x\n"))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Preview) == found


def test_how_columns_are_written_on_the_command_line():
    assert parse_columns("sentence=review, label=#2") == {"sentence": "review", "label": "#2"}
    for wrong in ("review", "sentence=", "=review", ""):
        with pytest.raises(SpecError, match="write role=column"):
            parse_columns(wrong)


@pytest.mark.parametrize("suffix", ["fasta", "faa"])
def test_proteins_are_refused_with_the_line_and_what_to_give(tmp_path, suffix):
    found = preview(written(tmp_path, f"own.{suffix}", ">p1\nMKVLAAGIVG\n>p2\nMKKLLEEFF\n"), "dna")
    assert found.refusal == (
        "No gene sequence was found (line 2: I, L are no bases); give lines of A, C, G and T below each title."
    )
    assert [(problem.line, problem.sentence) for problem in found.problems] == [
        (1, "'p1' has no bases."), (2, "I, L are no bases."), (3, "'p2' has no bases."), (4, "E, F, L are no bases."),
    ]  # fmt: skip
    assert found.problem_count == 4


def test_a_table_without_an_example_lists_its_lines_and_says_what_to_give(tmp_path):
    path = written(tmp_path, "own.tsv", "sentence\tlabels\na b c d e\tx\nc d\ty\n")
    found = preview(path, "word-labels")
    assert found.refusal == (
        "The file has 0 rows that can be learned (line 2: 5 words and 1 label); "
        "give a sentence and one label for each of its words on each line."
    )
    assert [problem.line for problem in found.problems] == [2, 3]
