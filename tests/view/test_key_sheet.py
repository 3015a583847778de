"""The columns of the key sheet: whole groups in their order, none taller than it must be."""

from __future__ import annotations

from itertools import product

from rnnviz.view.controls.key_sheet import COLUMNS, columns_of


def group(title, count):
    return title, [(f"{title}{index}", "key") for index in range(count)]


def height(groups):
    """Titles and lines, and an empty line between two groups."""
    return sum(len(lines) + 1 for _, lines in groups) + max(0, len(groups) - 1)


def test_no_other_division_is_shorter():
    groups = [group(title, count) for title, count in zip("ABCDEFG", (6, 8, 9, 16, 20, 10, 4), strict=True)]
    columns = columns_of(groups)
    places = [place for place in product(range(COLUMNS), repeat=len(groups)) if list(place) == sorted(place)]
    divided = [[[g for g, at in zip(groups, place, strict=True) if at == column] for column in range(COLUMNS)]
               for place in places]  # fmt: skip
    assert max(map(len, columns)) == min(max(map(height, division)) for division in divided)


def test_groups_stay_whole_and_in_order():
    groups = [group("A", 3), group("B", 1), group("C", 5), group("D", 2)]
    lines = [line for column in columns_of(groups) for line in column if line != ("", "")]
    assert lines == [line for title, own in groups for line in ((title, ""), *own)]
    assert columns_of([]) == [[], [], []]
