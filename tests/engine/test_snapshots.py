"""Snapshot rings: bounded in count and memory, evenly spread, exact where they say so."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.snapshots import RecentStates, SnapshotRing
from rnnviz.engine.trainer_state import LossHistory, TrainerState, rng_from_json, rng_to_json


def weights(step: int, size: int = 4) -> dict[str, np.ndarray]:
    return {"w": np.full(size, step, dtype=np.float32)}


def state(step: int, size: int = 4) -> TrainerState:
    return TrainerState(step, weights(step, size), "adam", {}, {})


def test_the_ring_thins_by_doubling_its_stride() -> None:
    ring = SnapshotRing(max_count=8)
    for step in range(101):
        ring.offer(step, lambda step=step: weights(step))
    assert ring.steps == (0, 16, 32, 48, 64, 80, 96)
    assert ring.at(40)[0] == 32
    np.testing.assert_array_equal(ring.at(40)[1]["w"], weights(32)["w"])


def test_the_ring_respects_its_memory() -> None:
    ring = SnapshotRing(max_bytes=1000)
    for step in range(300):
        ring.offer(step, lambda step=step: weights(step, 50))
        assert ring.nbytes <= 1000
    assert ring.steps[0] == 0
    assert len(ring.steps) >= 3


def test_an_empty_ring_says_so() -> None:
    with pytest.raises(SpecError, match="no snapshot"):
        SnapshotRing().at(3)


def test_weights_are_copied_only_when_kept() -> None:
    ring, copies = SnapshotRing(max_count=4), []
    for step in range(64):
        ring.offer(step, lambda step=step: copies.append(step) or weights(step))
    assert len(copies) < 20


def test_recent_states_keep_the_last_and_forget_after_an_undo() -> None:
    recent = RecentStates(count=5)
    for step in range(20):
        recent.offer(step, lambda step=step: state(step))
    assert recent.steps == (14, 15, 16, 17, 18, 19)
    assert recent.back(16).step == 16
    assert recent.back(0).step == 14
    recent.forget_after(16)
    assert recent.steps == (14, 15, 16)


def test_recent_states_of_a_large_network_are_fewer() -> None:
    recent = RecentStates(count=32, max_bytes=1600)
    for step in range(100):
        recent.offer(step, lambda step=step: state(step, 100))
    assert len(recent.steps) <= 4
    assert 100 - recent.steps[0] >= 24


def test_the_history_is_thinned_and_restored() -> None:
    history = LossHistory(limit=16)
    for step in range(1, 101):
        history.add(step, float(step), 1.0, None)
    arrays = history.arrays()
    assert len(arrays["step"]) <= 16
    assert set(np.diff(arrays["step"])) == {8.0}
    again = LossHistory(limit=16)
    again.restore(arrays)
    np.testing.assert_array_equal(again.arrays()["loss"], arrays["loss"])
    history.forget_after(40)
    assert history.arrays()["step"][-1] == 40


def test_a_random_generator_survives_json() -> None:
    rng = np.random.Generator(np.random.PCG64([5, 1]))
    rng.integers(0, 3, size=7)
    again = rng_from_json(rng_to_json(rng))
    np.testing.assert_array_equal(rng.integers(0, 1000, 20), again.integers(0, 1000, 20))


@pytest.mark.parametrize("change", [{"state": "x"}, {"bit_generator": "MT19937"}, {"inc": None}, {"state": "-1"}])
def test_a_damaged_generator_state_is_refused(change: dict[str, object]) -> None:
    value = rng_to_json(np.random.Generator(np.random.PCG64(0)))
    with pytest.raises(SpecError, match="random generator"):
        rng_from_json({**value, **change})
