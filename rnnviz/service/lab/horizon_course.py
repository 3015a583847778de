"""How the memory horizon of every compared model has moved over its training, measured at its saved snapshots."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable

    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.snapshots import SnapshotRing
    from rnnviz.engine.trace import Trace
    from rnnviz.service.messages import ComparedModel

LIVE = 3
"""While models train, an answer measures at most so many snapshots more of each: the next answer goes on."""


@dataclass(frozen=True)
class Question:
    """What all horizons of a course have in common; ``horizon_of`` answers it for one unrolled network."""

    key: Hashable
    encoded: EncodedSequence
    horizon_of: Callable[[Trace], int]


class HorizonCourse:
    """The points of every model so far; another text, loss or threshold begins anew."""

    def __init__(self) -> None:
        self._points: dict[Hashable, dict[int, int]] = {}

    def keep(self, questions: list[Question]) -> None:
        """Forget the points of every other question."""
        keys = {question.key for question in questions}
        self._points = {key: points for key, points in self._points.items() if key in keys}

    def measure(
        self, question: Question, model: ComparedModel, shown: Trace, ring: SnapshotRing | None, *, live: bool
    ) -> Generator[None, None, ComparedModel]:
        """``model`` with the horizon at its saved training steps; one snapshot a slice."""
        saved = [step for step in (ring.steps if ring is not None else ()) if step < model.training_step]
        points = {step: value for step, value in self._points.get(question.key, {}).items() if step in saved}
        missing = [step for step in saved if step not in points]
        for step in missing[-LIVE:] if live and ring is not None else missing:
            yield
            assert ring is not None
            kept, weights = ring.at(step)
            if kept == step:  # thinning may have dropped it while we were at work
                network = replace(shown.network, weights=weights)
                points[step] = question.horizon_of(trace(network, question.encoded))
        self._points[question.key] = points
        course = {**dict(sorted(points.items())), model.training_step: model.horizon}
        return msgspec.structs.replace(model, horizon_steps=list(course), horizon_course=list(course.values()))
