"""The stage: the unrolled network, drawn."""

from __future__ import annotations

from rnnviz.view.stage.stage_view import StageView

__all__ = ["StageView"]
