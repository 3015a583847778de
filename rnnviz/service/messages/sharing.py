"""Why share weights over time: three models that learn to find the year, side by side."""

from __future__ import annotations

import msgspec

from rnnviz.service.messages.base import Command, Reply


class TrainSharing(Command, frozen=True, kw_only=True):
    """Train all three, on sentences with the year at ``trained_at`` alone, towards training step ``until`` (slot).

    The answer comes after a few of the steps: ask again until there are enough. Other places begin anew.
    """

    trained_at: tuple[str, ...] = ("middle", "end")
    until: int = 0


class SharingModel(msgspec.Struct, frozen=True, kw_only=True):
    """One of "rnn", "mlp", "cnn": numbers learned, shares of right answers by the place of the year, loss in nats.

    ``longer`` is the share on texts longer than any in training; ``answers`` are the years it finds in the sentences.
    """

    key: str
    parameter_count: int
    accuracy: dict[str, float]
    longer: float
    loss: float
    answers: list[str]


class SharingTrained(Reply, frozen=True, kw_only=True):
    """Answer to TrainSharing: all three after ``step`` training steps; ``chance`` is the share of a blind guess."""

    step: int
    trained_at: list[str]
    models: list[SharingModel]
    sentences: list[str]
    years: list[str]
    chance: float
    tested: int
