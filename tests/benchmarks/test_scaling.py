"""The tables of growth: what a row says about the one before it, and memory against its formula."""

from __future__ import annotations

from rnnviz.bench.credit_map_limit import BYTES_PER_CELL, memory
from rnnviz.bench.measure import Result
from rnnviz.bench.scaling import CELLS, SERIES, with_growth


def test_each_row_tells_its_growth_from_the_row_before():
    rows = [Result("a", 1, 10, 1), Result("b", 4, 30, 1), Result("c", 6, 90, 1)]
    found = list(with_growth(rows, ((50, 64), (200, 64), (200, 128))))
    assert [row.note for row in found] == ["", "T x4: ours x4.0, base x3.0", "H x2: ours x1.5, base x3.0"]
    assert [(row.name, row.ours, row.base) for row in found] == [("a", 1, 10), ("b", 4, 30), ("c", 6, 90)]


def test_every_table_has_a_series_in_length_and_one_in_units():
    for in_length, in_units in SERIES.values():
        assert len({hidden for _, hidden in in_length}) == 1
        assert len({length for length, _ in in_units}) == 1


def test_the_memory_of_the_map_stays_within_its_formula_for_every_cell():
    for cell in CELLS:
        row = memory("credit-map-memory-mb", cell, 300, 32, 0)
        assert row.passed, row.line()
        assert row.base < (BYTES_PER_CELL * 300**2 + 4 * 300 * 32 * 48) / 1e6
        assert row.ours > 8 * 300**2 / 1e6  # the map itself, in float64
