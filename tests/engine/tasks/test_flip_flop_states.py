"""What the flip-flop's default network has learned: a stable fixed point for each state of its three bits."""

from __future__ import annotations

from itertools import product

import numpy as np

from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace_arrays
from rnnviz.engine.training import Trainer


def test_the_trained_network_rests_at_eight_points_and_comes_back_to_them() -> None:
    task = make_task(TaskSpec(name="flip-flop"))
    network = initialise(ModelSpec(**task.default_model), task.input_size, task.output_size, 0)
    trainer = Trainer(network, task, TrainingSpec(**task.default_training), record=False)
    trainer.probe = False
    for _ in range(150):
        trainer.step()
    network = trainer.network().astype(np.float64)
    found = []
    for bits in product((-1.0, 1.0), repeat=3):
        pulses = np.zeros((600, 3))
        pulses[0] = bits
        pulses[300] = 0.1  # a nudge too small to be a pulse
        run = trace_arrays(network, pulses)
        states = run.layers[0].hidden
        np.testing.assert_allclose(states[299], states[298], atol=1e-9)
        np.testing.assert_allclose(states[-1], states[299], atol=1e-9)
        assert np.abs(states[301] - states[299]).max() > 1e-4
        np.testing.assert_array_equal(np.sign(run.logits[-1]), bits)
        found.append(states[-1])
    distances = np.linalg.norm(np.array(found)[:, None] - np.array(found), axis=2)
    assert distances[~np.eye(8, dtype=bool)].min() > 0.5
