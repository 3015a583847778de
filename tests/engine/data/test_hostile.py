"""Files that nobody means well with: every one is read or refused in a sentence, in bounded time and memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnviz.engine.data import DataChoice, OwnFile, parse_columns, read_conllu, read_fasta, read_table
from rnnviz.engine.data import fasta as fasta_module
from rnnviz.engine.data import own_file as own_file_module
from rnnviz.engine.data import problems as problems_module
from rnnviz.engine.data import table as table_module
from rnnviz.engine.data.preview import prepare, preview, task_data
from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks import make_task

PLAIN = "sentence,label\nfine soup,yes\ncold soup,no\nhot soup,yes\n"


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ---- encodings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["Привет мир\nвторая строка\n", "日本語の文 と\nテキスト\n", "naïve text 🙂\nmore\n"])
def test_wide_letters_without_a_mark_are_understood_in_every_script(tmp_path, encoding, text):
    found = preview(written(tmp_path, "own.txt", text.encode(encoding)))
    assert found.encoding == encoding
    assert found.rows[0] == (text.split("\n")[0],)


@pytest.mark.parametrize(
    "data",
    [b"hello\0world\nmore text\n", b"some text\n" + b"\0" * 99, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\0\1\0\2\0\3"],
)
def test_zero_bytes_that_make_no_text_are_refused(tmp_path, data):
    with pytest.raises(SpecError, match=r"holds zero bytes\); give a text.*, or choose its encoding\.$"):
        preview(written(tmp_path, "own.txt", data))
    chosen = OwnFile(tmp_path / "own.txt", "utf-8" if data.isascii() else "windows-1252")
    assert "\0" not in chosen.source.text


def test_packed_bytes_without_a_zero_are_refused(tmp_path):
    data = bytes((each * 37 + 11) % 255 + 1 for each in range(5000))
    with pytest.raises(SpecError, match="control characters"):
        preview(written(tmp_path, "own.csv", b"\x1f\x8b\x08" + data))


def test_marks_that_were_written_twice_are_dropped(tmp_path):
    found = preview(written(tmp_path, "own.csv", "\ufeff\ufeff" + PLAIN))
    assert [column.name for column in found.columns] == ["sentence", "label"]


def test_a_name_that_is_no_text_is_shown_with_a_sign_in_its_place(tmp_path):
    path = tmp_path / b"na\xefve.csv".decode("utf-8", errors="surrogateescape")
    spec, _ = task_data(written(tmp_path, path.name, PLAIN), "sentiment", DataChoice())
    assert spec.source == "na?ve.csv"


# ---- tables ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        ",text,label\n0,fine soup,yes\n1,cold soup,no\n2,hot soup,yes\n",
        "text,label,\nfine soup,yes,\ncold soup,no,\nhot soup,yes,\n",
        "text,,label\nfine soup,,yes\ncold soup,,no\nhot soup,,yes\n",
        "sep=;\ntext;label\nfine soup;yes\ncold soup;no\nhot soup;yes\n",
    ],
)
def test_names_are_found_beside_columns_without_one_and_below_the_line_of_a_spreadsheet(tmp_path, content):
    path = written(tmp_path, "own.csv", content)
    found = preview(path)
    assert found.header
    assert found.rows[0] == ("fine soup", "yes")
    assert found.lines[0] == content[: content.index("fine")].count("\n") + 1
    assert found.problem_count == 0


def test_a_first_row_with_an_empty_cell_is_no_header_by_its_looks_alone():
    table = read_table(",yes\na longer sentence here,no\nanother long one,yes\n")
    assert not table.header
    assert len(table.rows) == 3


def test_every_column_has_a_name_of_its_own():
    assert read_table("a,a,a (2)\n1,2,3\n4,5,6\n").columns == ("a", "a (2)", "a (2) (2)")
    assert read_table("column 2,,x\n1,2,3\n").columns == ("column 2", "column 2 (2)", "x")


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("1.234,5", "−2.345.678,25"), [1234.5, -2345678.25]),
        (("1,234.5", "1,234,567"), [1234.5, 1234567]),
        (("1 234", "12\u202f345,5", "1'234'567"), [1234, 12345.5, 1234567]),
        (("1,234", "1.234", "0,5"), [1.234, 1.234, 0.5]),
        (("1,23,456", "12,34.5", "1 23", "1_000", "1,234,5", "0x10", "nan", "-inf", "1e400", "--5"), []),
        (("-0.0", "1e-320", "1e30"), [0, 1e-320, 1e30]),
    ],
)
def test_thousands_decimals_and_what_is_no_number(cells, numbers):
    table = read_table("v|w\n" + "".join(f"{cell}|x\n" for cell in cells), header=True)
    values, problems = table.numbers("v")
    assert values.tolist() == numbers
    assert problems.count == len(cells) - len(numbers)


def test_a_comma_that_may_mean_two_things_is_told(tmp_path):
    _, notes = task_data(written(tmp_path, "a.csv", "day;v\na;1,234\nb;2,345\nc;3,456\n"), "series", DataChoice())
    assert notes == (
        "The comma in '1,234' was read as a decimal comma (1.234), lines 2, 3, 4; "
        "if it stands between thousands, leave it out: 1234.",
    )
    _, notes = task_data(written(tmp_path, "c.csv", 'v\n998\n999\n"1,000"\n' + '"1,001"\n' * 9), "series", DataChoice())
    assert "decimal comma (1), lines 4, 5, 6, 7, 8 and 5 more; if" in notes[0]
    for doubtless in ("day;v\na;1,234\nb;2,5\nc;3,456\n", "day;v\na;0,512\nb;0,731\nc;1,456\n"):
        _, notes = task_data(written(tmp_path, "b.csv", doubtless), "series", DataChoice())
        assert notes == ()


def test_one_name_above_decimal_commas_tells_that_they_are(tmp_path):
    spec, notes = task_data(written(tmp_path, "own.csv", "wert\n1,5\n2,5\n-3,5\n"), "series", DataChoice())
    assert (spec.text, notes) == ("1.5\n2.5\n-3.5\n", ())


@pytest.mark.parametrize(("task", "role"), [("sentiment", "sentence"), ("generate", "text"), ("dna", "sequence")])
def test_a_label_that_nobody_could_show_is_left_out(tmp_path, task, role):
    rows = "ACGT,yes\nGGCC,no\n" * 3
    path = written(tmp_path, "own.csv", f"{role},label\n{rows}AACC,{'y' * 900_000}\n")
    found = preview(path, task)
    assert (found.counts.examples, found.refusal) == (6, "")
    assert [(problem.line, problem.sentence) for problem in found.problems] == [
        (8, "the label has 900,000 characters; a label has at most 200."),
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", ["::", '"', "\n"])
def test_what_cannot_stand_between_columns_is_refused(delimiter):
    with pytest.raises(SpecError, match="give a single sign"):
        read_table("a,b\n1,2\n", delimiter=delimiter)
    assert read_table("sep=|\na|b\n1|2\n").delimiter == "|"


def test_a_role_that_is_given_twice_is_refused():
    with pytest.raises(SpecError, match="The column of label is given twice"):
        parse_columns("label=a,sentence=b,label=c")


@pytest.mark.parametrize("odd", ["9" * 5000, "--5", "²"])
def test_a_cell_of_digits_that_is_no_number_is_named(tmp_path, odd):
    found = preview(written(tmp_path, "own.csv", "v\n" + "5\n" * 20 + f"{odd}\n"))
    assert found.task == "series"
    assert [(problem.line, problem.sentence.split()[-1]) for problem in found.problems] == [(22, "number.")]
    with pytest.raises(SpecError, match="There is no column"):
        task_data(tmp_path / "own.csv", "series", DataChoice(columns={"number": "9" * 5000}))


def test_a_series_keeps_all_its_digits_and_reads_numbers_of_its_own_size(tmp_path):
    numbers = [1_700_000_000 + each * each % 97 for each in range(300)]
    spec, _ = task_data(written(tmp_path, "own.csv", "".join(f"{each}\n" for each in numbers)), "series", DataChoice())
    assert [int(each) for each in spec.text.split()] == numbers
    task = make_task(spec)
    typed = task.encode(" ".join(map(str, numbers[:9])))
    assert task.in_units(typed.values)[:, 0].round(3).tolist() == numbers[:9]
    assert typed.notes == ()
    beyond = task.encode("1e300 -1e300")
    assert beyond.values[:, 0].tolist() == pytest.approx([1e6, -1e6])
    low, high = (f"{task.offset + side * 1e6 * task.scale:,.6g}" for side in (-1, 1))
    assert beyond.notes == (f"Numbers beyond {low} or {high} were read as {low} or {high}.",)


def test_numbers_on_a_single_line_stand_on_that_line(tmp_path):
    spec, notes = task_data(written(tmp_path, "own.txt", "\n\n1.5 2.5 x -3.5\n"), "series", DataChoice())
    assert (spec.text, notes) == ("1.5\n2.5\n-3.5\n", ("own.txt, line 3: 'x' in column 'column 1' is no number.",))
    spec, _ = task_data(written(tmp_path, "own.txt", "1,5 2,5 -3,5"), "series", DataChoice())
    assert spec.text == "1.5\n2.5\n-3.5\n"
    spec, _ = task_data(written(tmp_path, "own.txt", "1,5,2,5"), "series", DataChoice())
    assert spec.text == "1\n5\n2\n5\n"


@pytest.mark.parametrize("content", ["1e308\n-1e308\n1e308\n", "1e300\n" * 10])
def test_numbers_beyond_all_arithmetic_are_refused_by_their_line(tmp_path, content):
    found = preview(written(tmp_path, "own.txt", content), "series")
    assert "(line 1: '1e30" in found.refusal
    assert found.refusal.endswith("is beyond ±1e+30); give one number on each line.")


def test_a_column_of_words_is_no_series(tmp_path):
    path = written(tmp_path, "own.csv", "day,v\nmon,1\ntue,2\nwed,3\n")
    with pytest.raises(SpecError, match=r"0 rows that can be learned \(line 2: 'mon' in column 'day' is no number\)"):
        task_data(path, "series", DataChoice(columns={"number": "day"}))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (",,\n,,\n,,\n", "The file holds no rows"),
        ('"' * 3_000_000, "a cell has more than 1,000,000 characters"),
        ("ab," * 5000 + "\n", "columns are more than the 1,000"),
    ],
)
def test_what_is_no_table_can_still_be_learned_as_a_text(tmp_path, content, why):
    path = written(tmp_path, "own.csv", content)
    found = preview(path)
    assert (found.task, found.tasks, found.refusal) == ("next-char", ("next-char", "next-word"), "")
    assert "own.csv is learned as plain text, since it is no table: " in found.notes[0]
    assert why in found.notes[0]
    with pytest.raises(SpecError, match=why):
        task_data(path, "sentiment", DataChoice())


# ---- CoNLL-U and FASTA -------------------------------------------------------------------------------


def word(number, form, upos):
    return "\t".join([str(number), form, form, upos, *["_"] * 6])


def test_sentences_without_a_blank_line_and_forms_without_a_letter():
    lines = [word(1, "a", "X"), word("1-2", "ab", "_"), word(2, "b", "Y"), word(1, "c", "X"), word(2, "\xa0", "Y"),
             word(3, "d", "a b"), word("--", "e", "X"), word("²", "f", "X"), word("3.1", "g", "X")]  # fmt: skip
    sentences, problems = read_conllu("\r\n".join(lines).replace("\r\n", "\n"))
    assert [(each.words, each.labels, each.line) for each in sentences] == [
        (("a", "b"), ("x", "y"), 1), (("c",), ("x",), 4),
    ]  # fmt: skip
    assert [(problem.line, problem.sentence) for problem in problems.in_order] == [
        (5, "a word or its part of speech is missing."),
        (6, "'a b' is no part of speech: there is a space in it."),
        (7, "'--' is no word number."),
        (8, "'²' is no word number."),
    ]
    with pytest.raises(SpecError, match=r"No sentence was found \(line 2: 2 columns instead of 10\); a CoNLL-U"):
        read_conllu("# nothing\n1\ta\n")


def test_proteins_gaps_spaces_and_unknown_bases():
    records, problems = read_fasta(">a\nACGT ACGT\t\n\n acgt*\n>b\nAC-GT\n; a note\nAC\x07\n>c\nNNRY\n")
    assert [(each.bases, each.line, each.whole) for each in records] == [("ACGTACGTACGT", 1, True)]
    assert [(problem.line, problem.sentence) for problem in problems.in_order] == [
        (5, "'b' has no bases."), (6, "- is no base."), (8, "'\\x07' is no base."), (9, "'c' has no bases."),
    ]  # fmt: skip
    with pytest.raises(SpecError, match=r"\(line 2: E, F, I, L, P are no bases\); give lines of A, C, G and T below"):
        read_fasta(">p1\nMEEPQSDPSVEPPLSQETFSDLWKLIF\n")


@pytest.mark.parametrize(
    ("bases", "kind"), [("ACGTRYACGTTATAAAACGT", "fasta"), ("acgt acgt", "fasta"), ("and the answer", "text")]
)
def test_a_fasta_file_is_known_by_its_bases(tmp_path, bases, kind):
    assert preview(written(tmp_path, "own.txt", f"> a title\n{bases}\n")).kind == kind


# ---- size --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("own.fa", ">x\n"),
        ("own.fa", ">x\nA\n"),
        ("own.fa", "Q\n"),
        ("own.fa", "AN"),
        ("own.csv", '"a,b\n'),
        ("own.csv", "12," * 999 + "12\n"),
        ("own.csv", "\n"),
        ("own.conllu", "a\n"),
        ("own.txt", b"\xe9\n"),
        ("own.txt", "1 "),
    ],
)
def test_millions_of_the_same_cost_no_more_than_a_text(tmp_path, monkeypatch, name, line):
    """A twentieth of the largest sample, with the limits a twentieth of theirs."""
    for module, limit, value in (
        (problems_module, "MAX_COUNTED", 10_000),
        (fasta_module, "MAX_RECORDS", 5_000),
        (table_module, "MAX_ROWS", 10_000),
        (own_file_module, "MAX_ROWS", 10_000),
        (table_module, "MAX_CELLS", 100_000),
    ):
        monkeypatch.setattr(module, limit, value)
    line = line if isinstance(line, bytes) else line.encode()
    path = written(tmp_path, name, (b">x\n" if line == b"AN" else b"") + line * (1_000_000 // len(line)) + b"a,b\n")
    tracemalloc.start()
    try:
        file = OwnFile(path)
        found = prepare(file, file.chosen_task(DataChoice(), ""), DataChoice()).preview
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 130e6
    assert len(found.problems) <= 100


def test_half_of_an_endless_line_is_learned_and_not_the_title_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("rnnviz.engine.data.source.SAMPLE_BYTES", 5000)
    spec, notes = task_data(written(tmp_path, "own.fa", ">x\n" + "ACGTTATAAA" * 5000), "dna", DataChoice())
    assert len(spec.text.split()[-1]) == 4997
    assert "its first" in notes[0]


def test_what_was_left_out_behind_too_much_is_told(monkeypatch):
    monkeypatch.setattr(problems_module, "MAX_COUNTED", 3)
    monkeypatch.setattr(fasta_module, "MAX_RECORDS", 2)
    _, problems = read_fasta(">a\nAC\n>b\nAC\n>c\nAC\n")
    assert problems.ended == "2 sequences stand before line 5; the file from there on was left out."
    _, problems = read_fasta(">a\nAC\nQ\nQ\nQ\nQ\nQ\n")
    assert (problems.count, problems.ended.split(";")[0]) == (
        3, "3 lines that were not understood stand before line 6",
    )  # fmt: skip
    _, problems = read_fasta(">a\nAC\nQ\nQ\nQ\n>b\nAC\n")
    assert (
        problems.ended == "3 lines that were not understood stand before line 6; the file from there on was left out."
    )
    _, problems = read_conllu("\n".join([word(1, "a", "X"), *"bbbbb"]))
    assert (problems.count, problems.ended.split(";")[0]) == (
        3, "3 lines that were not understood stand before line 5",
    )  # fmt: skip


# ---- everything at once ------------------------------------------------------------------------------

PIECES = [
    *["a", "b c", "1", "-2,5", "1e400", "nan", ",", ";", "\t", "|", "\n", "\n", "\n", '"', '""', "\r\n", "\r", "\0"],
    *[">x label=yes\n", ">y\n", "ACGT", "TATAAA", "N", "#c\n", "1-2\t"],
    *[f"{word(1, 'a', 'X')}\n", f"{word(2, 'b', 'Y')}\n", "-", "*"],
    *["\ufeff", "日", "\u2028", "\x1f", "sentence,label\n", "label\ttext\n", "sep=;\n", "yes", "no", "\xa0", "<unk>"],
    *["9" * 400, ":", "→", "\x85", "\u200b", "1.234,5", "1 234", "sines", "mackey-glass 3", "é"],
]
TASKS = ("", "sentiment", "word-labels", "generate", "translation", "dna", "series", "next-char", "next-word")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=40),
    name=st.sampled_from(["a.csv", "a.tsv", "a.txt", "a.fa", "a.conllu"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-32-be"]),
    task=st.sampled_from(TASKS),
)
def test_any_file_is_read_or_refused_in_one_line(tmp_path, pieces, name, encoding, task):
    data = "".join(pieces).encode(encoding)
    lines = data.count(b"\n") + data.count(b"\r") + 1
    path = written(tmp_path, name, data)
    found = spec = None
    try:
        file = OwnFile(path)
        found, spec = prepare(file, task or file.chosen_task(DataChoice(), "parity"), DataChoice())
        sentence = found.refusal
    except SpecError as error:
        sentence = str(error)
    assert "\n" not in sentence
    assert (spec is None) == bool(sentence)
    if found is not None:
        assert all(1 <= problem.line <= lines for problem in found.problems)
        assert list(found.lines) == sorted(found.lines)
    if spec is not None:
        task = make_task(spec)
        assert len(task.batch(np.random.default_rng(0), 3)) == 3
        assert len(task.encode(found.example)) > 0
