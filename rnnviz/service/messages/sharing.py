"""Why share weights over time: three models that learn to find the year, side by side."""

from __future__ import annotations

import msgspec

from rnnviz.service.messages.base import Command, Reply


class TrainSharing(Command, frozen=True, kw_only=True):
    """Train all three, on sentences with the year at ``trained_at`` alone, towards training step ``until`` (slot).

    ``seeds`` times anew, with the seeds ``seed``, ``seed`` + 1 ...: one after the other. The answer comes after a few
    of the steps: ask again until there are enough. Other places begin anew; the models of another seed are kept.
    """

    trained_at: tuple[str, ...] = ("middle", "end")
    until: int = 0
    seed: int = 0
    seeds: int = 1


class SharingModel(msgspec.Struct, frozen=True, kw_only=True):
    """One of "rnn", "mlp", "cnn": numbers learned, shares of right answers by the place of the year, loss in nats.

    The shares are means over the seeds, ``lowest`` and ``highest`` those of single seeds, by place and "longer".
    ``longer`` is the share on texts longer than any in training, ``count_for_longer`` the numbers it would have to
    learn for texts of twice as many words; ``answers`` are the years that the model of the first
    seed finds in the sentences.
    """

    key: str
    parameter_count: int
    count_for_longer: int
    accuracy: dict[str, float]
    longer: float
    lowest: dict[str, float]
    highest: dict[str, float]
    loss: float
    answers: list[str]


class SharingTrained(Reply, frozen=True, kw_only=True):
    """Answer to TrainSharing: all three after ``step`` training steps; ``chance`` is the share of a blind guess.

    ``steps`` are the training steps of each seed asked for, from ``seed`` on; the numbers are of the ``averaged`` seeds
    that have the most. ``longest`` is the number of words of the longest sentence in training.
    """

    step: int
    seed: int
    steps: list[int]
    averaged: int
    trained_at: list[str]
    models: list[SharingModel]
    sentences: list[str]
    years: list[str]
    chance: float
    tested: int
    longest: int
