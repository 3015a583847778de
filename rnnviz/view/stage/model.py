"""From session and settings to one Frame: what the stage shows now, without drawing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.session.values import Direction
from rnnviz.view.cell_level import cell_level
from rnnviz.view.facts import chains_of, shown_part
from rnnviz.view.layer_names import from_both_sides, has_both, is_reverse
from rnnviz.view.stage import movie
from rnnviz.view.stage.frame import Frame, Gradient, Hit
from rnnviz.view.stage.images import TraceImages
from rnnviz.view.stage.layout import Mode, StageLayout, make_layout, rows_that_fit
from rnnviz.view.stage.values import Values, values_of
from rnnviz.view.stage.wiring import ACCEPTOR, TRANSDUCER, Wiring, foreseen, wiring_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.service.messages import BackwardPlayed, Unrolled
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.stage.labels import Labels
    from rnnviz.view.time_axis import TimeAxis

TAIL = 8


class StageModel:
    """Gathers what is on show. Keeps the images of the newest trace."""

    def __init__(self, *, session: Session, settings: Settings, axis: TimeAxis, look: Look, labels: Labels) -> None:
        self._session, self._settings, self._axis, self._look, self._labels = session, settings, axis, look, labels
        self._images: TraceImages | None = None
        self.tokens: tuple[str, ...] = ()
        self.wiring = Wiring()
        self._wired: tuple[object, ...] = ()
        self._compared: tuple[Unrolled, tuple[str, ...], int] | None = None
        self._laid_out: tuple[tuple[object, ...], StageLayout] | None = None
        self._values: tuple[object, object, Values | None] = (None, None, None)

    @property
    def mode(self) -> Mode:
        """The arrangement in force."""
        if self._look.presenter:
            return Mode.PRESENTER
        return Mode.SIMPLE if self._settings.view.simple else Mode.FULL

    @property
    def pattern(self) -> str:
        """Which of the four patterns the task has."""
        task = self._session.task
        return task.pattern if task is not None else TRANSDUCER

    @property
    def feeds_back(self) -> bool:
        """Whether the outputs of the task can be read as its inputs."""
        task = self._session.task
        return task is not None and task.feeds_back

    def show_trace(self, trace: Unrolled, pieces: Sequence[str]) -> None:
        """The text on show is that of ``trace``; ``pieces``: the tokens that stand in it, where that can differ."""
        now = (id(trace), self.pattern, pieces)
        if self._wired != now:  # kept, for this runs in every frame of training
            self._wired = now
            self.tokens = tuple(trace.tokens)
            self.wiring = wiring_of(trace, self.pattern, pieces)

    def foresee(self, pieces: Sequence[str]) -> None:
        """The text on show has no trace yet: its tokens, and the outputs behind them as they were."""
        task = self._session.task
        same = task is not None and task.name == self._session.run.task.name
        old = (self.tokens, self.wiring if same else Wiring())
        self._wired = ()
        self.tokens, self.wiring = foreseen(self.pattern, pieces, old, own=self._session.feeding.own)

    def images(self) -> TraceImages | None:
        """The images of the newest trace."""
        trace = self._session.trace
        if trace is None or not trace.tokens:
            return None
        if self._images is None or not self._images.fits(trace, self._look):
            self._images = TraceImages(trace, self._look, cell_level(self._session))
        return self._images

    def layer_names(self) -> tuple[str, ...]:
        """All layers, the outermost first."""
        return chains_of(self._session.trace)[::-1] or ("l0",)

    def layout(self, size: tuple[float, float]) -> StageLayout:
        """The layout for a stage of ``size``: all layers if they fit, else both chains of the selected one."""
        names = rows_that_fit(self.layer_names(), self._session.layer, self.mode, size[1] / self._look.scale)
        hidden = self._session.run.model.hidden
        trace = self._session.trace
        if trace is not None and trace.layers and trace.layers[0].hidden.ndim == 2:
            hidden = trace.layers[0].hidden.shape[1]
        wanted = {
            "size": size, "mode": self.mode, "pitch": self._axis.pitch, "layers": names, "hidden": max(1, hidden),
            "gutter": self._axis.gutter, "length": len(self.tokens), "single_output": self.single_output,
            "captions": self.wiring.switch > 0, "numbers": self.in_numbers,
        }  # fmt: skip
        now = (*wanted.values(), self._look.scale)
        if self._laid_out is None or self._laid_out[0] != now:  # kept, for this is asked twice in every frame
            self._laid_out = now, make_layout(look=self._look, **wanted)  # type: ignore[arg-type] # named fields
        return self._laid_out[1]

    @property
    def in_numbers(self) -> bool:
        """Whether the task reads and answers numbers."""
        task = self._session.task
        return task is not None and task.kind == "numbers"

    @property
    def samples(self) -> tuple[str, ...]:
        """What an empty text of numbers offers to start with: the beginning of the task's example."""
        task = self._session.task
        return (" ".join(task.example.split()[:8]),) if task is not None and self.in_numbers else ()

    @property
    def tail(self) -> int:
        """Columns behind the last step where the forecast of a series stands."""
        values = self.values() if self.in_numbers and self.mode is not Mode.PRESENTER else None
        return min(TAIL, len(values.real.forecast)) if values is not None else 0

    def values(self) -> Values | None:
        """The numbers of the newest trace; made once for each, for this runs in every frame of training."""
        trace, task = self._session.trace, self._session.task
        if (trace, task) != (None, None) and (self._values[0] is not trace or self._values[1] is not task):
            real, notes = (trace.real, trace.notes) if trace is not None else (None, [])
            self._values = trace, task, values_of(real, task, notes)
        return self._values[2]

    @property
    def single_output(self) -> bool:
        """Whether the task reads its answer from the last step alone."""
        return self.pattern == ACCEPTOR

    def valid(self) -> int:
        """Leading steps whose numbers belong to the typed tokens."""
        trace = self._session.trace
        if trace is None:
            return 0
        if self._compared is None or self._compared[0] is not trace or self._compared[1] is not self.tokens:
            self._compared = trace, self.tokens, self._leading(trace)  # kept: a long text takes its time
        return self._compared[2]

    def _leading(self, trace: Unrolled) -> int:
        if tuple(trace.tokens) == self.tokens:
            return len(self.tokens)
        if has_both(chains_of(trace)):
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
        part = shown_part(session, flow)
        row = {"h": flow.log2_hidden, "c": flow.log2_cell}.get(part)
        chosen = row if row is not None else flow.log2_total
        reverse = is_reverse(layer)
        both = from_both_sides(layer, self.layer_names())
        return Gradient(gradients.loss_step, np.asarray(chosen, np.float64), part == "c", reverse, part, both)

    def film(self, valid: int) -> BackwardPlayed | None:
        """The film of backpropagation, while its panel is on screen and its numbers are of the typed text."""
        return movie.played(self._session, valid) if valid == len(self.tokens) else None

    def flows(self, valid: int, layers: Sequence[str]) -> dict[str, Gradient]:
        """The flow of every layer shown that has one; that of the film while it is on."""
        film, trace = self.film(valid), self._session.trace
        if film is not None and trace is not None and self._session.direction is Direction.BACKWARD:
            span = movie.loss_steps(film, trace.loss)
            return dict(movie.movie_flows(film, layers, self._session.part, span))
        found = {name: self.gradient(valid, name) for name in layers}
        return {name: flow for name, flow in found.items() if flow is not None}

    def frame(self, layout: StageLayout, *, hover: Hit, **changes: object) -> Frame:
        """Everything the painters need."""
        session = self._session
        valid = self.valid()
        backward = session.direction is Direction.BACKWARD
        inside = session.sub_step is not None and 0 <= session.sub_step < len(session.sub_steps)
        flows = self.flows(valid, [row.name for row in layout.rows])
        values: dict[str, object] = {
            "tokens": self.tokens, "wiring": self.wiring, "feeds_back": self.feeds_back, "trace": session.trace,
            "images": self.images() if valid else None, "values": self.values() if valid else None,
            "samples": self.samples, "valid": valid,
            "time_step": min(session.time_step, len(self.tokens)), "backward": backward,
            "chosen": session.layer,
            "gradient": flows.get(layout.rows[0].name), "flows": flows, "loss_step": session.effective_loss_step,
            "movie": self.film(valid), "unit": session.unit, "single_output": self.single_output,
            "sub_steps": tuple(session.sub_steps),
            "sub_step": session.sub_steps[session.sub_step] if inside and not backward else "",
        }  # fmt: skip
        values.update(changes)
        return Frame(look=self._look, labels=self._labels, axis=self._axis, layout=layout, hover=hover, **values)  # type: ignore[arg-type] # values are named fields
