"""A user's own files as the tasks take them: columns, lines, what was left out."""

from __future__ import annotations

import pytest

from rnnviz.engine.data import DataChoice
from rnnviz.engine.data.preview import task_data
from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.names import TITLES


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def learned(path, task, **columns):
    spec, notes = task_data(path, task, DataChoice(columns=columns))
    return spec.text, [note for note in notes if "held out" not in note]


def test_the_columns_of_a_csv_are_found_by_name_in_any_order(tmp_path):
    path = written(tmp_path, "own.csv", 'stars,label,text\n5,good,"Fine, really fine"\n1,bad,A sad place\n')
    text, notes = learned(path, "sentiment")
    assert text == "sentence\tlabel\nFine, really fine\tgood\nA sad place\tbad\n"
    assert notes == []


def test_columns_are_chosen_by_name_or_by_number(tmp_path):
    path = written(tmp_path, "own.csv", "a,b,c\nx y,1 of 2,red\nz y,2 of 2,blue\n")
    by_name, _ = learned(path, "sentiment", sentence="B", label="a")
    by_number, _ = learned(path, "sentiment", sentence="#2", label="1")
    assert by_name == by_number == "sentence\tlabel\n1 of 2\tx y\n2 of 2\tz y\n"
    with pytest.raises(SpecError, match="There is no column 'd'; choose one of a, b, c"):
        learned(path, "sentiment", sentence="d")
    with pytest.raises(SpecError, match="sentiment has no column 'stars'; choose sentence and label"):
        learned(path, "sentiment", stars="a")
    with pytest.raises(SpecError, match="One column cannot be both"):
        learned(path, "sentiment", sentence="a", label="a")


def test_without_a_header_the_longer_column_is_the_sentence(tmp_path):
    path = written(tmp_path, "own.tsv", "good\tA fine place to be\nbad\tNot a place to be\ngood\tLovely soup today\n")
    text, _ = learned(path, "sentiment")
    assert text.splitlines() == [
        "sentence\tlabel", "A fine place to be\tgood", "Not a place to be\tbad", "Lovely soup today\tgood",
    ]  # fmt: skip


def test_a_row_that_does_not_fit_is_named_and_the_others_keep_their_lines(tmp_path):
    path = written(tmp_path, "own.tsv", "sentence\tlabels\nred apples\tadj noun\nred\tx\ty\nold bags\tadj noun\n")
    text, notes = learned(path, "word-labels")
    assert text.split("\n")[:4] == ["sentence\tlabels", "red apples\tadj noun", "", "old bags\tadj noun"]
    assert notes == ["own.tsv, line 3: 3 columns instead of 2."]


def test_a_sentence_with_too_few_labels_is_left_out_and_named(tmp_path):
    path = written(tmp_path, "own.tsv", "sentence\tlabels\nred apples\tadj\nold bags\tadj noun\nnew bags\tadj noun\n")
    text, notes = learned(path, "word-labels")
    assert "red" not in text
    assert notes == ["own.tsv, line 2: 2 words and 1 label."]


def test_an_empty_cell_is_named(tmp_path):
    path = written(tmp_path, "own.csv", "sentence,label\nfine soup,good\n,bad\nsad soup,bad\nno label,\n")
    text, notes = learned(path, "sentiment")
    assert text.splitlines() == ["sentence\tlabel", "fine soup\tgood", "", "sad soup\tbad"]
    assert notes == ["own.csv, line 3: the sentence is missing.", "own.csv, line 5: the label is missing."]


def test_many_bad_lines_are_counted(tmp_path):
    rows = "".join("only one\n" for _ in range(8))
    body = "a b\tx y\n" * 20
    _, notes = learned(written(tmp_path, "own.tsv", f"sentence\tlabels\n{body}{rows}"), "word-labels")
    assert len(notes) == 6
    assert notes[-1] == "own.tsv: 3 more lines were left out."


def test_tagged_sentences_keep_a_label_for_every_piece_of_a_word(tmp_path):
    def line(number, form, tag):
        return "\t".join([str(number), form, "_", tag, *"______"])

    sentence = "\n".join([line(1, "Go", "VERB"), line(2, "U.S.", "PROPN"), line(3, "now", "ADV")])
    text, notes = learned(written(tmp_path, "own.conllu", f"{sentence}\n\n{sentence}\n\n"), "word-labels")
    assert text.splitlines()[1] == "Go U . S . now\tverb propn propn propn propn adv"
    assert notes == []


def test_tagged_sentences_are_for_word_labels(tmp_path):
    with pytest.raises(SpecError, match="word-labels"):
        learned(written(tmp_path, "own.conllu", "1\ta\n"), "sentiment")


def test_one_column_is_no_table_of_labels(tmp_path):
    with pytest.raises(SpecError, match="one column"):
        learned(written(tmp_path, "own.txt", "just text\nmore of it\n"), "sentiment")


def test_a_pair_of_texts_is_translated_and_a_label_gets_a_text(tmp_path):
    path = written(
        tmp_path, "own.csv", "english,spanish\nI eat.,Como.\nyou eat,comes\nwe eat,comemos\nthey eat,comen\n"
    )
    text, _ = learned(path, "translation")
    assert text.splitlines()[:2] == ["source\ttarget", "I eat.\tComo."]
    path = written(tmp_path, "kinds.tsv", "song\tla la la\nnews\tit rained today\nsong\tla la\nnews\tit is dry\n")
    text, _ = learned(path, "generate")
    assert text.splitlines()[:2] == ["label\ttext", "song\tla la la"]


def test_a_column_of_numbers_is_a_series(tmp_path):
    path = written(tmp_path, "own.csv", "day,row,price\nmon,1,1.5\ntue,2,2.25\nwed,3,-3\nthu,4,no\n")
    text, notes = learned(path, "series", number="price")
    assert text == "1.5\n2.25\n-3\n"
    assert notes == ["own.csv, line 5: 'no' in column 'price' is no number."]
    text, _ = learned(path, "series", number="row")
    assert text == "1\n2\n3\n4\n"
    with pytest.raises(SpecError, match="no column of numbers"):
        learned(written(tmp_path, "words.csv", "a,b\nc,d\n"), "series")


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        ("1\n2\n3\n", "1\n2\n3\n"),
        ("value\n1,5\n2,5\n3,5\n", "1.5\n2.5\n3.5\n"),
        ("0.5 10\n0.7   20\n0.9 30\n", "0.5\n0.7\n0.9\n"),
        ("1 2 3 4\n", "1\n2\n3\n4\n"),
        ("1e3\n-2E-1\n  3.0\n", "1000\n-0.2\n3\n"),
    ],
)
def test_numbers_are_understood_however_they_stand(tmp_path, content, numbers):
    text, notes = learned(written(tmp_path, "own.txt", content), "series")
    assert (text, notes) == (numbers, [])


def test_a_strand_with_labels_in_its_titles_is_learned_as_a_whole(tmp_path):
    records = ">a label=yes\nACGU\nACGT\n>b label=no\nTTTT\n>c label=no\nACNT\n>d\nACGT\n>e class:yes\nACQT\nAC\n"
    text, notes = learned(written(tmp_path, "own.fa", records), "dna")
    assert text.split() == ["sequence", "label", "ACGTACGT", "yes", "TTTT", "no"]
    assert [note.split(": ")[0] for note in notes] == [f"own.fa, line {line}" for line in (6, 8, 10, 11)]


def test_without_labels_every_stretch_of_known_bases_is_a_strand(tmp_path):
    records = ">chromosome\nACGTATAAAGGCC\nNNNN\nggccaattggcc\n"
    text, notes = learned(written(tmp_path, "own.txt", records), "dna")
    assert text.split() == ["sequence", "ACGTATAAAGGCC", "GGCCAATTGGCC"]
    assert notes == ["No title has a label such as label=yes, so what is learned is to find TATAAA."]


@pytest.mark.parametrize("name", TITLES)
def test_every_task_says_whether_it_takes_data(tmp_path, name):
    files = {
        "next-char": "some text", "next-word": "some text here", "sentiment": "a b\tx\nc d\ty\n",
        "word-labels": "a b\tx y\nc d\ty x\n", "generate": "x\ta b c\ny\tc d\n", "translation": "a b\tc d\ne f\tg h\n",
        "series": "1\n2\n3\n", "dna": ">a\nACGTATAAAGGCCGGCCGG\n>b\nACGTATAAAGGCC\n",
    }  # fmt: skip
    path = written(tmp_path, "own.txt", files.get(name, "some text"))
    if name in files:
        spec, _ = task_data(path, name, DataChoice())
        assert make_task(spec).baseline > 0
    else:
        with pytest.raises(SpecError, match=f"^{name} makes its own sequences; .* next-char, next-word, sentiment"):
            task_data(path, name, DataChoice())
