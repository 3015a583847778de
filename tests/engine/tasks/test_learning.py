"""Each task is learned by its own default model, with one seed and the few steps that show it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.held_out import held_out_score
from rnnviz.engine.tasks.names import TITLES
from rnnviz.engine.trace import trace
from rnnviz.engine.training import Trainer

if TYPE_CHECKING:
    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks import Task

GOALS = {
    "next-char": (100, 1.5, 0),
    "next-word": (80, 1.5, 0),
    "parity": (550, 0.98, 4),
    "sentiment": (1000, 0.95, 1),
    "word-labels": (100, 0.95, 0),
    "generate": (150, 0.6, 0),
    "translation": (500, 0.9, 1),
    "year": (150, 0.95, 0),
    "dna": (350, 0.95, 0),
    "copy": (250, 0.9, 0),
    "temporal-order": (300, 0.95, 0),
    "reber": (800, 0.9, 1),
    "a-n-b-n": (250, 0.95, 0),
    "temporal-xor": (200, 0.02, 0),
    "adding": (700, 0.01, 0),
    "series": (250, 0.005, 0),
    "flip-flop": (120, 0.03, 0),
}
"""Training steps, the held-out score to reach (errors: to stay below), and a seed that is quick."""


def test_every_task_has_a_goal() -> None:
    assert list(GOALS) == list(TITLES)


@lru_cache(maxsize=1)
def trained(name: str) -> tuple[Task, Network, list[float]]:
    """The task, the network after the steps of its goal, and the loss of each of them."""
    task = make_task(TaskSpec(name=name))
    steps, _, seed = GOALS[name]
    network = initialise(ModelSpec(**task.default_model), task.input_size, task.output_size, seed)
    trainer = Trainer(network, task, TrainingSpec(**task.default_training, seed=seed), record=False)
    trainer.probe = False
    losses = [trainer.step().loss for _ in range(steps)]
    return task, trainer.network(), losses


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("The food was really good", "positive"),
        ("The chicken crossed the road because it was uncooked", "negative"),
        ("Neat plot. Great acting.", "positive"),
        ("Good, cheap food!", "positive"),
        ("The film was not good", "negative"),
        ("The film was not bad", "positive"),
        ("Slow but worth it", "positive"),
        ("The soup was good, but the clerk was not", "negative"),
        ("The film was boring, but the music was not.", "positive"),
        ("The film was not good, but the music was", "positive"),
        ("The soup was awful, and so was the waiter.", "negative"),
    ],
)
def test_opinions_are_answered_right_when_typed(sentence: str, label: str) -> None:
    task, network, _ = trained("sentiment")
    answer = trace(network, task.encode(sentence)).probabilities[-1]
    assert task.output_labels[answer.argmax()] == label


@pytest.mark.parametrize("name", GOALS)
def test_the_default_model_learns_the_task(name: str) -> None:
    task, network, losses = trained(name)
    goal = GOALS[name][1]
    score = held_out_score(network, task, np.random.default_rng(1000), 120)
    assert score is not None
    assert (score < goal) if task.lower_is_better else (score > goal)
    assert np.mean(losses[-10:]) < 0.75 * task.baseline
