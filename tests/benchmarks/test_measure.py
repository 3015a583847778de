"""The arithmetic of the benchmarks; what they measure is never asserted, only that it can be trusted and read."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module

import pytest

from rnnviz.bench import BENCHMARKS
from rnnviz.bench.measure import Interleaved, Result, interleave, percentile
from rnnviz.cli import main

LINE = re.compile(r"\S+ +[\d.]+ +[\d.]+ +[\d.]+ +\S+ (PASS|FAIL)( +# .*)?")


@pytest.mark.parametrize(
    ("ours", "base", "target", "passed"), [(5, 10, 0.5, True), (6, 10, 0.5, False), (15, 10, 1.5, True)]
)
def test_a_ratio_up_to_the_target_passes(ours, base, target, passed):
    result = Result("name", ours, base, target)
    assert result.passed is passed
    assert result.line().split()[5] == ("PASS" if passed else "FAIL")


def test_a_control_passes_on_both_sides_of_one():
    assert Result("x/control", 105, 100, target=1.1, low=0.9).passed
    assert not Result("x/control", 80, 100, target=1.1, low=0.9).passed


def test_a_line_has_the_six_columns():
    assert LINE.fullmatch(Result("trace-lstm", 1.5, 3.0, 5.0).line())
    assert LINE.fullmatch(Result("trace-lstm", 1.5, 3.0, 5.0, note="T=1000").line())


def test_interleaving_runs_every_side_equally_often_and_in_every_place():
    order = []
    measured = interleave(lambda: order.append("ours"), lambda: order.append("base"), rounds=12, warm_up=0)
    assert len(measured.ours) == len(measured.base) == len(measured.again) == 12
    assert Counter(order) == {"ours": 12, "base": 24}
    places = Counter(index % 3 for index, side in enumerate(order) if side == "ours")
    assert places == {0: 4, 1: 4, 2: 4}


def test_medians_are_what_is_compared():
    result, control = Interleaved((1.0, 2.0, 90.0), (4.0, 4.0, 4.0), (5.0, 4.0, 3.0)).results("x", target=0.6)
    assert (result.ours, result.base, result.ratio) == (2000.0, 4000.0, 0.5)
    assert control.ratio == 1.0


@pytest.mark.parametrize(("share", "value"), [(0.95, 95), (0.5, 50), (1.0, 100), (0.001, 1)])
def test_percentile_is_the_nearest_rank(share, value):
    assert percentile(list(range(100, 0, -1)), share) == value


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_every_registered_benchmark_can_be_run(name):
    assert callable(import_module(BENCHMARKS[name]).run)


def test_names_are_listed_and_unknown_ones_refused(capsys):
    assert main(["bench", "list"]) == 0
    assert capsys.readouterr().out.split() == list(BENCHMARKS)
    assert main(["bench", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
