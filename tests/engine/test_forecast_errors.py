"""How long forecasts are right: against loops over plain Python numbers."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.forecast_errors import judge_forecasts, root_mean_square, steps_within


def counted(errors: list[float], tolerance: float) -> int:
    """Steps one after the other until the first that is too far away."""
    count = 0
    for error in errors:
        if not -tolerance <= error <= tolerance:
            break
        count += 1
    return count


@pytest.mark.parametrize("trials", [1, 2, 5, 12])
@pytest.mark.parametrize("tolerance", [0.05, 0.4, 1.5, 9.0])
def test_the_judgement_is_that_of_counting_one_by_one(trials: int, tolerance: float) -> None:
    rng = np.random.default_rng(trials)
    errors = rng.standard_normal((trials, 60)) * np.linspace(0.01, 2, 60)
    repeated, spread = rng.standard_normal((trials, 60)), 0.8
    judged = judge_forecasts(errors, repeated, spread=spread, tolerance=tolerance)
    columns = errors.T.tolist()
    curve = [math.sqrt(statistics.fmean(error * error for error in column)) for column in columns]
    np.testing.assert_allclose(judged.error, curve, rtol=1e-12)
    np.testing.assert_allclose(judged.repeated, np.linalg.norm(repeated, axis=0) / math.sqrt(trials), rtol=1e-12)
    assert judged.within == counted(curve, tolerance)
    reach = [counted(row, tolerance) for row in errors.tolist()]
    assert judged.half_within == max(k for k in range(61) if sum(each >= k for each in reach) >= trials / 2)
    worse = [step for step, error in enumerate(curve, 1) if error >= spread]
    assert worse, "the errors grow beyond the spread"
    assert judged.worthless == worse[0]


def test_what_never_is_worse_than_the_mean_is_never_worthless() -> None:
    judged = judge_forecasts([[0.1, -0.2]], [[0.0, 0.0]], spread=1.0, tolerance=0.5)
    assert (judged.within, judged.half_within, judged.worthless) == (2, 2, 0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e300])
def test_an_error_that_is_no_number_is_outside_every_tolerance(wrong: float) -> None:
    judged = judge_forecasts([[0.1, wrong], [0.1, 0.1]], np.ones((2, 2)), spread=1.0, tolerance=10.0)
    assert not np.isfinite(judged.error[1])
    assert (judged.within, judged.half_within, judged.worthless) == (1, 2, 2)


@pytest.mark.parametrize(
    ("errors", "tolerance", "steps"),
    [
        ([0.1, -0.2, 0.3, 0.1], 0.25, 2), ([0.1, 0.25], 0.25, 2), ([-0.3], 0.25, 0), ([], 0.25, 0),
        ([np.nan, 0.0], 0.25, 0), ([0.0, -np.inf], 0.25, 1),
    ],
)  # fmt: skip
def test_steps_within_end_at_the_first_that_is_not(errors: list[float], tolerance: float, steps: int) -> None:
    assert steps_within(np.array(errors), tolerance) == steps


def test_single_precision_is_squared_in_double() -> None:
    np.testing.assert_allclose(root_mean_square(np.array([[3e30], [4e30]], np.float32)), [12.5**0.5 * 1e30], rtol=1e-6)


@pytest.mark.parametrize(
    ("errors", "repeated"), [([1.0], [1.0]), ([[1.0]], [[1.0, 2.0]]), (np.zeros((0, 3)), np.zeros((0, 3)))]
)
def test_what_is_no_table_of_forecasts_is_refused(errors: object, repeated: object) -> None:
    with pytest.raises(SpecError, match="at least one forecast"):
        judge_forecasts(errors, repeated, spread=1.0, tolerance=1.0)
