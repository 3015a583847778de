"""From session and settings to one Frame: what the stage shows now, without drawing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.session.values import Direction
from rnnviz.view.scales import GrowingLevel
from rnnviz.view.stage.frame import Frame, Gradient, Hit
from rnnviz.view.stage.images import TraceImages, cell_extent
from rnnviz.view.stage.layout import Mode, StageLayout, make_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.service.messages import Unrolled
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.stage.labels import Labels
    from rnnviz.view.time_axis import TimeAxis

CELL_LEVEL = 2.0  # the c map starts at ±2 (visual.md, section 2)
SMALLEST_LAYER = 74.0  # design px a layer's cells need


class StageModel:
    """Gathers what is on show. Keeps the images of the newest trace and the fixed limit of the c map."""

    def __init__(self, *, session: Session, settings: Settings, axis: TimeAxis, look: Look, labels: Labels) -> None:
        self._session, self._settings, self._axis, self._look, self._labels = session, settings, axis, look, labels
        self._images: TraceImages | None = None
        self._level = GrowingLevel(CELL_LEVEL)
        self.tokens: tuple[str, ...] = ()

    @property
    def mode(self) -> Mode:
        """The arrangement in force."""
        if self._look.presenter:
            return Mode.PRESENTER
        return Mode.SIMPLE if self._settings.view.simple else Mode.FULL

    def images(self) -> TraceImages | None:
        """The images of the newest trace."""
        trace = self._session.trace
        if trace is None or not trace.tokens:
            return None
        if self._images is None or not self._images.fits(trace, self._look):
            self._images = TraceImages(trace, self._look, self._cell_level(trace))
        return self._images

    def _cell_level(self, trace: Unrolled) -> float:
        # Never smaller while stepping and training; in rare, round steps larger, so that colours keep their meaning.
        return self._level.fit(self._session.run.model, cell_extent(trace))

    def layer_names(self) -> tuple[str, ...]:
        """All layers, the outermost first."""
        trace = self._session.trace
        return tuple(layer.name for layer in reversed(trace.layers)) if trace is not None and trace.layers else ("l0",)

    def layout(self, size: tuple[float, float]) -> StageLayout:
        """The layout for a stage of ``size``: all layers if they fit, else the selected one."""
        names: Sequence[str] = self.layer_names()
        room = (size[1] / self._look.scale - 280) / len(names) - 20
        if len(names) > 1 and (room < SMALLEST_LAYER or self.mode is not Mode.FULL):
            names = (self._session.layer if self._session.layer in names else names[-1],)
        hidden = self._session.run.model.hidden
        trace = self._session.trace
        if trace is not None and trace.layers and trace.layers[0].hidden.ndim == 2:
            hidden = trace.layers[0].hidden.shape[1]
        return make_layout(
            size=size,
            look=self._look,
            mode=self.mode,
            pitch=self._axis.pitch,
            layers=names,
            hidden=max(1, hidden),
            gutter=self._axis.gutter,
        )

    def valid(self) -> int:
        """Leading steps whose numbers belong to the typed tokens."""
        trace = self._session.trace
        if trace is None:
            return 0
        if tuple(trace.tokens) == self.tokens:
            return len(self.tokens)
        if self._session.run.model.bidirectional:
            return 0
        limit = min(len(trace.tokens), len(self.tokens))
        return next((i for i in range(limit) if trace.tokens[i] != self.tokens[i]), limit)

    def gradient(self, valid: int, layer: str) -> Gradient | None:
        """The flow on show: joint, or the h or c part."""
        gradients, session = self._session.gradients, self._session
        if gradients is None or not gradients.loss_step or session.direction is not Direction.BACKWARD:
            return None
        flow = next((flow for flow in gradients.layers if flow.name == layer), None)
        if flow is None or len(flow.log2_total) != len(self.tokens) or gradients.loss_step > valid:
            return None
        part = session.part
        row = {"h": flow.log2_hidden, "c": flow.log2_cell}.get(part)
        chosen = row if row is not None else flow.log2_total
        return Gradient(gradients.loss_step, np.asarray(chosen, np.float64), part == "c" and flow.log2_cell is not None)

    def frame(self, layout: StageLayout, *, hover: Hit, **changes: object) -> Frame:
        """Everything the painters need."""
        session = self._session
        valid = self.valid()
        backward = session.direction is Direction.BACKWARD
        share, output, loss = self._sub_step()
        task = session.task
        values: dict[str, object] = {
            "tokens": self.tokens, "trace": session.trace, "images": self.images() if valid else None, "valid": valid,
            "time_step": min(session.time_step, len(self.tokens)), "backward": backward,
            "gradient": self.gradient(valid, layout.rows[0].name), "loss_step": session.effective_loss_step,
            "unit": session.unit, "single_output": task is not None and task.pattern == "acceptor",
            "sub_share": share, "has_output": output, "has_loss": loss,
        }  # fmt: skip
        values.update(changes)
        return Frame(look=self._look, labels=self._labels, axis=self._axis, layout=layout, hover=hover, **values)  # type: ignore[arg-type] # values are named fields

    def _sub_step(self) -> tuple[float, bool, bool]:
        """Share of the cell's rows, y and loss that the present sub-step has reached."""
        index, names = self._session.sub_step, self._session.sub_steps
        if index is None or not names:
            return 1.0, True, True
        inner = [position for position, name in enumerate(names) if name not in ("input", "output", "loss")]
        done = index >= inner[-1] if inner else True
        return (1.0 if done else 0.0), index >= names.index("output"), index >= names.index("loss")
