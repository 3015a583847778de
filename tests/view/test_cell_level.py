"""One limit of the c map for all views of a session: 90th percentile of |c| in steps of 1, 2, 5, at least 2."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.service.messages import LayerArrays
from rnnviz.view.cell_level import cell_level


class Run:
    def __init__(self, model):
        self.model = model


class Trace:
    def __init__(self, *cells):
        state = np.zeros((2, 2))
        self.layers = [LayerArrays(name=f"l{i}", hidden=state, cell=c, gates={}) for i, c in enumerate(cells)]


class View:
    """What the level reads of a session."""

    def __init__(self):
        self.run, self.trace = Run("lstm"), None

    def level(self, *cells):
        self.trace = Trace(*cells)
        return cell_level(self)


@pytest.mark.parametrize(("size", "level"), [(0.3, 2), (1.9, 2), (2.1, 5), (4.75, 5), (5.1, 10), (60, 100)])
def test_the_limit_is_round_and_at_least_two(size, level):
    assert View().level(np.full((3, 4), -size)) == level


def test_outliers_and_bad_values_do_not_count(qapp):
    cell = np.full((100, 4), 1.5)
    cell[0, :2] = 80.0
    cell[1, 0] = np.nan
    assert View().level(cell) == 2
    assert View().level(None) == 2


def test_all_layers_share_it_and_it_only_grows_with_one_network():
    view = View()
    assert view.level(np.full((2, 2), 1.0), np.full((2, 2), 4.0)) == 5
    assert view.level(np.full((2, 2), 1.0)) == 5
    view.run = Run("another")
    assert view.level(np.full((2, 2), 1.0)) == 2
