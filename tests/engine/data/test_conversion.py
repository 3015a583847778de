"""A user's own tables and tagged sentences as the tasks take them: columns, lines, what was left out."""

from __future__ import annotations

import pytest

from rnnviz.engine.data.conversion import numbers_text, table_text
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import make_task


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_columns_of_a_csv_are_found_by_name_in_any_order(tmp_path):
    path = written(tmp_path, "own.csv", 'stars,label,text\n5,good,"Fine, really fine"\n1,bad,A sad place\n')
    text, notes = table_text("sentiment", path)
    assert text == "sentence\tlabel\nFine, really fine\tgood\nA sad place\tbad\n"
    assert notes == ()


def test_without_a_header_the_longer_column_is_the_sentence(tmp_path):
    path = written(tmp_path, "own.tsv", "good\tA fine place to be\nbad\tNot a place to be\ngood\tLovely soup today\n")
    text, _ = table_text("sentiment", path)
    assert text.splitlines() == [
        "sentence\tlabel", "A fine place to be\tgood", "Not a place to be\tbad", "Lovely soup today\tgood",
    ]  # fmt: skip


def test_a_row_that_does_not_fit_is_named_and_the_others_keep_their_lines(tmp_path):
    path = written(tmp_path, "own.tsv", "sentence\tlabels\nred apples\tadj noun\nred\tx\ty\nold bags\tadj noun\n")
    text, notes = table_text("word-labels", path)
    assert text.split("\n")[:4] == ["sentence\tlabels", "red apples\tadj noun", "", "old bags\tadj noun"]
    assert notes == ("own.tsv, line 3: 3 columns instead of 2.",)
    assert make_task(TaskSpec(name="word-labels", text=text)).output_labels == ("adj", "noun")


def test_a_sentence_with_too_few_labels_is_left_out_and_named(tmp_path):
    path = written(tmp_path, "own.tsv", "sentence\tlabels\nred apples\tadj\nold bags\tadj noun\nnew bags\tadj noun\n")
    text, notes = table_text("word-labels", path)
    assert "red" not in text
    assert notes == ("own.tsv, line 2: 2 words and 1 labels.",)


def test_many_bad_lines_are_counted(tmp_path):
    rows = "".join("only one\n" for _ in range(8))
    body = "a b\tx y\n" * 20
    _, notes = table_text("word-labels", written(tmp_path, "own.tsv", f"sentence\tlabels\n{body}{rows}"))
    assert len(notes) == 6
    assert notes[-1] == "own.tsv: 3 more lines were left out."


def test_tagged_sentences_keep_a_label_for_every_piece_of_a_word(tmp_path):
    def line(number, form, tag):
        return "\t".join([str(number), form, "_", tag, *"______"])

    sentence = "\n".join([line(1, "Go", "VERB"), line(2, "U.S.", "PROPN"), line(3, "now", "ADV")])
    text, notes = table_text("word-labels", written(tmp_path, "own.conllu", f"{sentence}\n\n{sentence}\n\n"))
    assert text.splitlines()[1] == "Go U . S . now\tverb propn propn propn propn adv"
    assert notes == ()
    task = make_task(TaskSpec(name="word-labels", text=text))
    assert task.output_labels == ("adv", "propn", "verb")


def test_tagged_sentences_are_for_word_labels(tmp_path):
    with pytest.raises(SpecError, match="word-labels"):
        table_text("sentiment", written(tmp_path, "own.conllu", "1\ta\n"))


def test_one_column_is_no_table_of_labels(tmp_path):
    with pytest.raises(SpecError, match="one column"):
        table_text("sentiment", written(tmp_path, "own.txt", "just text\nmore of it\n"))


def test_the_first_column_of_numbers_is_a_series(tmp_path):
    text, notes = numbers_text(written(tmp_path, "own.csv", "day,price\nmon,1.5\ntue,2.25\nwed,-3\n"))
    assert text == "1.5\n2.25\n-3"
    assert notes == ()
    with pytest.raises(SpecError, match="no column of numbers"):
        numbers_text(written(tmp_path, "words.csv", "a,b\nc,d\n"))
