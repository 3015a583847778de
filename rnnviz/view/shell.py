"""What the window's actions do when it is more than one verb of the session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot

from rnnviz.engine.tasks.names import PATTERNS, TITLES
from rnnviz.view.examples import Examples
from rnnviz.view.facts import chains_of
from rnnviz.view.notation import KEYS
from rnnviz.view.notices import Question

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.session.playback import Playback
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.notices import NoticeBar
    from rnnviz.view.time_axis import TimeAxis

UNITS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
SORTS = ("as is", "mean", "similarity")
PARTS = ("joint", "h", "c")
CELL_TITLES = {"elman": "Elman", "lstm": "LSTM", "gru": "GRU"}


class Shell(QObject):
    """Verbs on session, playback, axis and view state; no widget of its own but the notice line."""

    def __init__(self, *, session: Session, playback: Playback, settings: Settings, look: Look, axis: TimeAxis,
                 notices: NoticeBar, parent: QObject) -> None:  # fmt: skip
        super().__init__(parent)
        self._session, self._playback, self._settings = session, playback, settings
        self._look, self._axis, self._notices = look, axis, notices
        self._last_of_pattern: dict[str, str] = {}
        self._examples = Examples(session=session, parent=self)
        session.run_changed.connect(self._remember_pattern)

    # ---- a new network ---------------------------------------------------------------------

    def _renew(self, key: str, what: str, act: Callable[[], None]) -> None:
        """Make a new network at once where the old one can be brought back; else say what it costs before."""
        steps = self._session.training.step if self._session.dirty else 0
        if not steps or self._session.can_restore:
            act()
            return
        text = f"This makes a new network ({what}); {steps} training step{'s are' if steps != 1 else ' is'} lost."
        self._notices.ask(Question(key, text, "Make it", act))

    def set_cell(self, cell: str) -> None:
        """Another cell of the same size."""
        if cell != self._session.run.model.cell:
            self._renew(f"cell-{cell}", CELL_TITLES[cell], partial(self._session.set_model, cell=cell))

    def change_model(self, **changes: Any) -> None:  # noqa: ANN401 the fields of ModelSpec
        """Any other change of the network."""
        model = self._session.run.model
        if any(getattr(model, name) != value for name, value in changes.items()):
            what = ", ".join(f"{name} {value}" for name, value in changes.items())
            self._renew(f"model-{what}", what, partial(self._session.set_model, **changes))

    def change_seed(self, seed: int) -> None:
        """Other first weights and batches."""
        if seed != self._session.run.training.seed:
            self._renew(f"seed-{seed}", f"seed {seed}", partial(self._session.set_training, seed=seed))

    def change_units(self, direction: int) -> None:
        """The next size up or down."""
        now = self._session.run.model.hidden
        sizes = [size for size in UNITS if (size > now if direction > 0 else size < now)]
        if sizes:
            units = min(sizes) if direction > 0 else max(sizes)
            self._renew(f"units-{units}", f"{units} units", partial(self._session.set_model, hidden=units))

    def set_task(self, name: str) -> None:
        """Learn something else, with the network and the training that learn it."""
        if name != self._session.run.task.name or self._session.run.task.text is not None:
            self._renew(f"task-{name}", f"task {TITLES.get(name, name)}", partial(self._session.set_task, name))

    def set_series(self, kind: str) -> None:
        """Learn another series of numbers ("sines", "mackey-glass", "steps"), and type an example of it."""
        self._renew(f"series-{kind}", f"series {kind}", partial(self._begin_series, kind))

    def _begin_series(self, kind: str) -> None:
        self._session.set_task("series", None if kind == "sines" else kind)
        self._examples.another()

    def another_example(self) -> None:
        """Type a fresh example of a task on numbers."""
        self._examples.another()

    @Slot()
    def _remember_pattern(self) -> None:
        name = self._session.run.task.name
        self._last_of_pattern[PATTERNS.get(name, "")] = name

    def set_pattern(self, pattern: str) -> None:
        """The task of this usage pattern that was used last, else its first one."""
        first = next((name for name in TITLES if PATTERNS.get(name) == pattern), "")
        if PATTERNS.get(self._session.run.task.name) != pattern and first:
            self.set_task(self._last_of_pattern.get(pattern, first))

    def toggle_feeding(self) -> None:
        """Teacher forcing, or the network's own outputs read as its inputs."""
        self._session.set_feeding(own=not self._session.feeding.own)

    def next_task(self, direction: int) -> None:
        """The task after or before this one in the list."""
        names = tuple(TITLES)
        self.set_task(names[(names.index(self._session.run.task.name) + direction) % len(names)])

    def reset(self) -> None:
        """The first weights again."""
        self._renew("reset", "the first weights of this seed", self._session.reset)

    # ---- steps -----------------------------------------------------------------------------

    def set_direction(self, direction: str) -> None:
        """Forward pass or gradient."""
        self._session.set_direction(direction)  # type: ignore[arg-type]

    def change_speed(self, direction: int) -> None:
        """Twice or half as fast."""
        index = SPEEDS.index(min(SPEEDS, key=partial(_distance, self._playback.speed)))
        self._playback.set_speed(SPEEDS[min(len(SPEEDS) - 1, max(0, index + direction))])

    def next_part(self) -> None:
        """Joint, h, c, joint."""
        self._session.set_part(_after(PARTS, self._session.part))

    def next_threshold(self) -> None:
        """1 % or 10 %."""
        self._session.set_threshold(0.10 if self._session.threshold < 0.05 else 0.01)

    def move_unit(self, direction: int) -> None:
        """The unit above or below; from none to the first."""
        units, unit = self._session.run.model.hidden, self._session.unit
        self._session.select(unit=min(units - 1, max(0, unit + direction)) if unit >= 0 else 0)

    def move_layer(self, direction: int) -> None:
        """The chain above (1) or below (−1) on the stage; the ends stay."""
        names = chains_of(self._session.trace)
        if self._session.layer in names:
            place = names.index(self._session.layer) + direction
            self._session.select(layer=names[min(len(names) - 1, max(0, place))])

    # ---- walking ---------------------------------------------------------------------------

    def walk(self, direction: int) -> None:
        """One step to the left (−1) or right (1): keys and buttons mean places on the time axis in both modes."""
        on = (direction > 0) is (self._session.direction != "backward")
        (self._playback.step if on else self._playback.back)()

    def walk_to(self, direction: int) -> None:
        """To the left (−1) or right (1) end of the pass."""
        on = (direction > 0) is (self._session.direction != "backward")
        (self._playback.last if on else self._playback.first)()

    # ---- view ------------------------------------------------------------------------------

    def zoom_axis(self, direction: int) -> None:
        """Wider or narrower steps; through the ends into a cell or back out. A dragged range goes first."""
        if direction < 0 and self._axis.selection is not None:
            self._axis.select(0, 0)
            return
        self._axis.zoom_asked.emit(direction)

    def zoom_ui(self, direction: int) -> None:
        """Larger or smaller type; 0: actual size."""
        zoom = 1.0 if direction == 0 else round(self._look.zoom * 1.1**direction, 2)
        self._settings.update_view(ui_scale=min(2.5, max(0.7, zoom)))

    def next_sort(self) -> None:
        """As is, by mean, by similarity."""
        self._settings.update_view(sort=_after(SORTS, self._settings.view.sort))

    def next_notation(self) -> None:
        """The lecture's own, then the six of the courses."""
        self._settings.update_view(notation=_after(KEYS, self._settings.view.notation))


def _distance(first: float, second: float) -> float:
    return abs(first - second)


def _after(choices: tuple[str, ...], present: str) -> str:
    index = choices.index(present) if present in choices else -1
    return choices[(index + 1) % len(choices)]
