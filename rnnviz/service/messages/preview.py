"""A file of the user's own, looked at before it is learned."""

from __future__ import annotations

from rnnviz.engine.data.choice import DataChoice
from rnnviz.engine.data.report import Preview  # noqa: TC001  msgspec resolves the annotations
from rnnviz.service.messages.base import Command, Reply


class PreviewData(Command, frozen=True, kw_only=True):
    """What would be learned of the file at ``path`` (slot: newest wins); ``task`` '': the likeliest one."""

    path: str
    task: str = ""
    choice: DataChoice = DataChoice()


class DataPreviewed(Reply, frozen=True, kw_only=True):
    """Answer to PreviewData; ``path``, ``task`` and ``choice`` are those that were asked about."""

    path: str
    preview: Preview
