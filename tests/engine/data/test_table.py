"""Tables as people make them: any delimiter, quotes, ragged rows, with and without names."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.data import Problem, read_table
from rnnviz.engine.errors import SpecError


@pytest.mark.parametrize("sign", ["\t", ",", ";", "|"])
def test_the_delimiter_and_the_names_are_found_out(sign):
    rows = [["text", "label"], ["The food was really good", "positive"], ["It was uncooked", "negative"]]
    table = read_table("\n".join(sign.join(row) for row in rows))
    assert table.delimiter == sign
    assert table.columns == ("text", "label")
    assert table.texts("label") == ("positive", "negative")
    assert table.lines == (2, 3)
    assert table.problems == ()


def test_quotes_hold_delimiters_and_line_ends():
    table = read_table('text,label\n"Good, cheap food!",yes\n"two\nlines",no\nlast,no\n')
    assert table.texts("text") == ("Good, cheap food!", "two\nlines", "last")
    assert table.lines == (2, 3, 5)


def test_ragged_rows_are_left_out_and_named():
    table = read_table("a sentence here,good\nno label\nanother one,bad\nx,y,z\n\nthird,good\n", header=False)
    assert len(table.rows) == 3
    assert table.problems == (Problem(2, "1 column instead of 2."), Problem(4, "3 columns instead of 2."))


def test_a_quote_that_never_closes_spoils_its_own_line_only():
    table = read_table('a,b\nc,d\n"e,f\ng,h\n"i, j",k\nl"m,n\n"o"p,q\nr,s\n', header=False)
    assert table.rows == (("a", "b"), ("c", "d"), ("g", "h"), ("i, j", "k"), ('l"m', "n"), ("r", "s"))
    assert table.problems == (
        Problem(3, "a quotation mark stands where none can stand."),
        Problem(7, "a quotation mark stands where none can stand."),
    )
    table = read_table('a,b\n"c,d\n' + "e,f\n" * 3000, header=False)
    assert len(table.rows) == 3001
    assert table.problems == (Problem(2, "a quotation mark opens here and is never closed."),)


def test_a_cell_without_end_costs_its_line_only():
    table = read_table("a,b\n" + "x" * 1_500_000 + ",c\nd,e\n", header=False)
    assert table.rows == (("a", "b"), ("d", "e"))
    assert table.problems == (Problem(2, "a cell has more than 1,000,000 characters."),)


def test_only_line_feeds_end_a_line():
    table = read_table("a\u2028b,c\nd\x0ce,f\ng,h\n\ni\n", header=False)
    assert table.lines == (1, 2, 3)
    assert table.problems == (Problem(5, "1 column instead of 2."),)


def test_every_bad_line_is_counted_and_a_hundred_are_kept():
    table = read_table("a,b\n" * 200 + "c\n" * 150, header=False)
    assert table.found.count == 150
    assert [problem.line for problem in table.problems] == list(range(201, 301))


def test_of_very_many_rows_the_first_are_read_and_that_is_said(monkeypatch):
    monkeypatch.setattr("rnnviz.engine.data.table.MAX_ROWS", 10)
    table = read_table("".join(f"{number}\t{number}\n" for number in range(50)))
    assert len(table.rows) == 10
    assert table.notes == ("The first 10 rows were read; those after them were left out.",)


def test_numbers_with_points_and_commas_and_what_is_none():
    table = read_table("day;value\n1;0,5\n2;1.25\n3;n/a\n4;inf\n5;-2e3\n")
    values, problems = table.numbers("value")
    np.testing.assert_array_equal(values, [0.5, 1.25, -2000])
    assert [problem.line for problem in problems.listed] == [4, 5]
    assert table.numeric_columns() == ("day",)


def test_a_table_without_names_gets_some():
    table = read_table("1.5\t2\n2.5\t3\n")
    assert table.columns == ("column 1", "column 2")
    assert len(table.rows) == 2


def test_names_that_repeat_are_told_apart():
    assert read_table("a,a,b\n1,2,3\n").columns == ("a", "a (2)", "b")


def test_what_is_no_table_is_refused():
    with pytest.raises(SpecError, match="no rows"):
        read_table("\n \n")
    with pytest.raises(SpecError, match="choose one of text, label"):
        read_table("text,label\nsome words here,1\n").texts("nothing")
