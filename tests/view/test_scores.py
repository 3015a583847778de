"""The metric of the training beside the held-out one, each with its name."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from rnnviz.engine.tasks import TASKS
from rnnviz.session.values import TrainingRecord
from rnnviz.view.facts import score_words


@pytest.mark.parametrize(
    ("task", "loss", "accuracy", "held_out", "words"),
    [
        ("sentiment", 0.31, 0.94, 0.8, "training 94\u2005%, held out 80\u2005%"),
        ("parity", 0.31, 1.0, 0.5, "training 100\u2005%, held out 50\u2005%"),
        ("next-char", 1.5, None, 1.75, "training 1.500, held out 1.750"),
        ("a-n-b-n", 0.3, None, 0.25, "held out 25\u2005%"),
        ("sentiment", 0.31, 0.94, None, ""),
    ],
)
def test_both_are_the_same_metric_or_only_one_is_there(task, loss, accuracy, held_out, words):
    record = TrainingRecord(
        steps=np.array([1.0]), losses=np.array([loss]), accuracies=np.array([np.nan if accuracy is None else accuracy]),
        step=1, held_out=held_out,
    )  # fmt: skip
    assert score_words(SimpleNamespace(training=record, task=TASKS[task])) == words
