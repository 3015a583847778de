"""The comparison: a page over stage, tracks and side panel with one column a model and one cursor for all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QFontMetricsF, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QLineEdit, QWidget

from rnnviz.service.messages import RivalSpec
from rnnviz.session.comparison import MAX_MODELS, Comparison
from rnnviz.view.compare.chooser import next_size
from rnnviz.view.compare.column import ModelColumn
from rnnviz.view.compare.scene import Scene, ShareScale, chain_sentence, make_scene, question
from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.segment import SegmentSwitch
from rnnviz.view.facts import chains_of
from rnnviz.view.layer_tag import LayerTag
from rnnviz.view.shell import CELL_TITLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent, QPaintEvent, QResizeEvent, QShowEvent

    from rnnviz.service.messages import Compared, ComparedModel
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.shell import Shell

EQUAL = (("units", "Equal units"), ("parameters", "Equal parameters"))
SEEDS = (("1", "One seed"), ("3", "3 seeds"))
SEEDS_FROM = 1150.0  # design px of width that leave room for the switch of seeds
APART_MS = 12
"""Half columns are drawn in window frames of their own: all at once would keep the window from its input."""
HEAD, GUTTER, LEFT, RIGHT, GAP = 66.0, 62.0, 16.0, 24.0, 22.0


class ComparisonPage(QWidget):
    """Makes scenes of the engine's answers and hands them to its columns; hidden, it asks for nothing."""

    def __init__(self, *, session: Session, settings: Settings, shell: Shell, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._settings, self._shell, self._look = session, settings, shell, look
        self.comparison = Comparison(session=session, settings=settings, parent=self)
        self._scale = ShareScale()
        self._scene: Scene | None = None
        self._words = ("", "")
        self._made_of: Compared | None = None
        self._waiting: list[Callable[[], None]] = []
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._refresh_next)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Comparison of models")
        self._build()
        self._connect()

    def _build(self) -> None:
        look = self._look
        self.columns = tuple(
            ModelColumn(session=self._session, look=look, index=index, parent=self) for index in range(MAX_MODELS)
        )
        self.text = QLineEdit(self)
        self.text.setAccessibleName("Text")
        self.text.setToolTip("The text of all models.\nEvery edit unrolls all of them anew.")
        self.equal = SegmentSwitch(look=look, choices=EQUAL, width=262, height=30, name="Fair by", parent=self)
        self.equal.buttons["units"].setToolTip(
            "Every model has the units that stand beside its name.\n"
            "An LSTM then has four times the parameters of an Elman network."
        )
        self.equal.buttons["parameters"].setToolTip(
            "The other models get the number of units whose parameter count is nearest to the first model's.\n"
            "Both numbers stand under each name."
        )  # fmt: skip
        self.seeds = SegmentSwitch(look=look, choices=SEEDS, width=164, height=30, name="Runs", parent=self)
        self.seeds.buttons["1"].setToolTip(
            "Every model is trained once, from the seed of the window.\nOne seed is an anecdote."
        )
        self.seeds.buttons["3"].setToolTip(
            "Every model is trained from three seeds.\nThe band goes from the smallest share to the largest."
        )  # fmt: skip
        self.layer = LayerTag(look=look, title="Comparison", parent=self)
        self.layer.chosen.connect(self.choose_layer)
        self.add = Button(look=look, text="Add a model", icon="plus", height=30, parent=self)
        self.add.setToolTip("Put one more model beside these, at most three.\nIt trains until it has as many steps.")
        self.close_button = Button(look=look, icon="close", kind="quiet", height=30, width=30, parent=self)
        self.close_button.setAccessibleName("Close the comparison")
        self.close_button.setToolTip("Back to the network.\nThe models are kept.\n[C, Esc]")

    def _connect(self) -> None:
        session = self._session
        for signal in (self.comparison.changed, session.engine_changed):
            signal.connect(self.refresh)
        for signal in (session.time_step_changed, session.direction_changed):
            signal.connect(self.repaint_columns)
        session.text_changed.connect(self.on_text_changed)
        session.trace_changed.connect(self.on_trace)
        self._look.changed.connect(self.place)
        self.text.textEdited.connect(session.set_text)
        self.equal.chosen.connect(self.on_equal)
        self.seeds.chosen.connect(self.on_seeds)
        self.add.clicked.connect(self.comparison.add)
        self.close_button.clicked.connect(self.leave)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.on_escape)
        for column in self.columns:
            column.hovered.connect(self.on_hover)
            column.chooser.chosen.connect(partial(self.change, column.index))
            column.chooser.resized.connect(partial(self.resize_model, column.index))
            column.chooser.removed.connect(partial(self.comparison.remove, column.index - 1))

    # ---- on screen -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Ask from now on."""
        super().showEvent(event)
        self.setFocus()  # not its text field: single keys go on working
        self.on_text_changed()
        self.comparison.begin()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Hidden, it costs nothing, in the engine neither."""
        super().hideEvent(event)
        self._next.stop()
        self._waiting.clear()
        self.comparison.end()

    @property
    def scene(self) -> Scene | None:
        """The newest picture of all models."""
        return self._scene

    @property
    def drawn(self) -> bool:
        """Whether every column shows the newest picture of the text and models that are wanted."""
        columns = self.columns[: len(self.comparison.models)]
        newest = self._scene is not None and all(column.painted is self._scene for column in columns)
        return newest and self.comparison.complete and not self._waiting

    @Slot()
    def leave(self) -> None:
        """Back to the network."""
        self._settings.update_view(compare=False)

    @Slot()
    def on_escape(self) -> None:
        """Out of the text first, then out of the comparison."""
        if self.text.hasFocus():
            self.setFocus()
        else:
            self.leave()

    # ---- values ----------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Make the scene of the newest answer and let the columns draw it one after the other."""
        if not self.isVisible():
            return
        models = self.comparison.models
        if models and self._made_of is not self.comparison.compared:
            self._made_of = self.comparison.compared
            self._scene = self._made(models)
        self._show_heads()
        self._waiting = [act for column in self.columns for act in (partial(self._show, column), column.show_map)]
        if not self._next.isActive():
            self._next.start(0)
        words = (self.title(), self.caption())
        if words != self._words:
            self._words = words
            self._place_controls()
            self.update(0, 0, self.width(), self._look.ipx(HEAD))

    @Slot()
    def on_trace(self) -> None:
        """The numbers have become old, or new: say so."""
        if any(self._is_old(column) != column.stale for column in self.columns[: len(self.specs)]):
            self.refresh()

    def _made(self, models: tuple[ComparedModel, ...]) -> Scene:
        answer, session, trace = self.comparison.compared, self._session, self.comparison.trace
        assert answer is not None
        assert trace is not None
        task = session.task
        return make_scene(
            models,
            answer,
            trace,
            self._scale,
            growing=session.training_now or self.comparison.catching_up,
            baseline=session.training.baseline,
            needed=(task.required_memory or 0) if task is not None else 0,
        )

    @Slot()
    def _refresh_next(self) -> None:
        if not self._waiting:
            return
        self._waiting.pop(0)()
        if self._waiting:
            self._next.start(APART_MS)

    def _show(self, column: ModelColumn) -> None:
        column.show_scene(self._scene, stale=self._is_old(column))

    def _is_old(self, column: ModelColumn) -> bool:
        """Whether the column shows something else than what is wanted: another text, another model."""
        models, specs = self.comparison.models, self.specs
        if self._session.trace_stale or len(models) != len(specs):
            return True
        shown, wanted = models[column.index : column.index + 1], specs[column.index : column.index + 1]
        free = {"hidden": 1} if self.comparison.equal_parameters and column.index else {}
        return any(replace(one.model, **free) != replace(other.model, **free)
                   for one, other in zip(shown, wanted, strict=True))  # fmt: skip

    def _show_heads(self) -> None:
        """Names and sizes as chosen, before the engine answers."""
        specs, equal = self.specs, self.comparison.equal_parameters
        fits = self._scene is not None and len(self._scene.models) == len(specs)
        for index, (column, spec) in enumerate(zip(self.columns, specs, strict=False)):
            shown = self._scene.models[index] if self._scene is not None and fits else None
            same = shown is not None and shown.model.cell == spec.model.cell
            title = self._scene.titles[index] if self._scene is not None and same else CELL_TITLES[spec.model.cell]
            units = shown.model.hidden if shown is not None and equal else spec.model.hidden
            column.show_spec(spec, title, units, equal=equal)
        if any(column.isHidden() is (column.index < len(specs)) for column in self.columns):
            self.place()
        self.equal.set_current("parameters" if equal else "units")
        self.seeds.set_current("3" if self.comparison.seeds > 1 else "1")
        self.add.setEnabled(len(specs) < MAX_MODELS)

    @property
    def specs(self) -> tuple[RivalSpec, ...]:
        """The models that are wanted, the one on show first."""
        run = self._session.run
        return (RivalSpec(model=run.model, training=run.training), *self.comparison.rivals)

    @Slot()
    def repaint_columns(self) -> None:
        """The cursor or the direction has moved."""
        if self.isVisible():
            for column in self.columns:
                column.repaint_cursor()

    @Slot()
    def on_text_changed(self) -> None:
        """The text was changed elsewhere."""
        if self.text.text() != self._session.text:
            self.text.setText(self._session.text)

    # ---- acts ------------------------------------------------------------------------------

    @Slot(int)
    def on_hover(self, step: int) -> None:
        """One crosshair in all columns."""
        for column in self.columns:
            column.set_hover(step)

    @Slot(str)
    def on_equal(self, key: str) -> None:
        """Equal units or equal parameters."""
        self.comparison.set_equal_parameters(key == "parameters")

    @Slot(str)
    def on_seeds(self, key: str) -> None:
        """One run of every model, or three."""
        self.comparison.set_seeds(int(key))

    def change(self, index: int, name: str, value: Any) -> None:  # noqa: ANN401 a value of ModelSpec or TrainingSpec
        """Another cell or setting: of the model on show as everywhere in the window, of a rival here."""
        if index:
            self.comparison.change(index - 1, **{name: value})
        elif name == "cell":
            self._shell.set_cell(value)
        else:
            self._shell.change_model(**{name: value})

    @Slot(str)
    def choose_layer(self, name: str) -> None:
        """Show another chain of every model, and everywhere in the window."""
        self._session.select(layer=name)

    def resize_model(self, index: int, direction: int) -> None:
        """The next number of units."""
        if not index:
            self._shell.change_units(direction)
            return
        units = self.comparison.rivals[index - 1].model.hidden
        self.comparison.change(index - 1, hidden=next_size(units, direction))

    def edit_text(self) -> None:
        """Put the caret behind the last letter."""
        self.text.setFocus()
        self.text.end(False)

    # ---- arrangement -----------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place everything anew."""
        super().resizeEvent(event)
        self.place()

    @Slot()
    def place(self) -> None:
        """Controls in the head line, columns of equal width below; labels have a gutter left of the first."""
        px, count = self._look.ipx, len(self.specs)
        left, right, gap, gutter, head = px(LEFT), px(RIGHT), px(GAP), px(GUTTER), px(HEAD)
        room = self.width() - left - right - gutter - gap * (count - 1)
        x = left
        for column in self.columns:
            column.setVisible(column.index < count)
            if column.index >= count:
                continue
            own = gutter if column.index == 0 else 0
            width = room * (column.index + 1) // count - room * column.index // count
            column.set_place(own, last=column.index == count - 1)
            column.setGeometry(x, head, own + width, self.height() - head)
            x += own + width + gap
        self._place_controls()
        self.update()

    def _place_controls(self) -> None:
        px = self._look.ipx
        x, top = self.width() - px(RIGHT), px(12)
        self.seeds.setVisible(self.width() >= px(SEEDS_FROM))
        self._show_layer()
        for widget, gap in ((self.close_button, 6), (self.add, 10), (self.equal, 10), (self.seeds, 12)):
            if widget.isHidden():
                continue
            size = widget.sizeHint()
            x -= size.width()
            widget.setGeometry(x, top, size.width(), px(30))
            x -= px(gap)
        family, size = self._look.font("live").family(), px(14)
        self.text.setStyleSheet(f'font-family: "{family}"; font-size: {size}px')  # the window's sheet has its own
        least = round(px(LEFT + 8) + QFontMetricsF(self._look.font("title")).horizontalAdvance(self.title()) + px(24))
        width = min(px(300), x - least)
        self.text.setVisible(width >= px(90))
        self.text.setGeometry(x - width, top, max(1, width), px(30))

    def layer_names(self) -> tuple[str, ...]:
        """The chains of the model on show."""
        return chains_of(self._session.trace)

    def _show_layer(self) -> None:
        """The tag under the close button, at the right end of the caption."""
        px, names = self._look.ipx, self.layer_names()
        self.layer.setVisible(len(names) > 1)
        if len(names) > 1:
            self.layer.show_layer(self._session.layer, names)
            self.layer.place(0, 0, px(140))
            self.layer.move(self.width() - px(RIGHT) - self.layer.width(), px(45))

    def title(self) -> str:
        """The question that the page answers."""
        if self._scene is not None:
            return question(self._scene.loss_step, self._scene.way(0))
        return question(self._session.effective_loss_step)

    def caption(self) -> str:
        """What the curves are, and how much to believe."""
        if self.comparison.refusal:
            return self.comparison.refusal
        seed, seeds = self._session.run.training.seed, self.comparison.seeds
        runs = f"One seed ({seed}), the same batches for all."
        if seeds > 1:
            runs = f"Band: smallest to largest of {seeds} seeds ({seed} to {seed + seeds - 1})."
        behind = "One of them is still catching up. " if self.comparison.catching_up else ""
        if not self.comparison.models:
            return self._session.engine_note or "Waiting for the engine."
        runs = chain_sentence(self._session.layer, self.layer_names()) + runs
        return f"{behind}Share of its own start that arrives at each step, log scale. Thin: the other models. {runs}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper, title and caption."""
        with QPainter(self) as painter:
            look = self._look
            painter.fillRect(event.rect(), look.theme.bg)
            left = look.px(LEFT + 8)
            painter.setFont(look.font("title"))
            painter.setPen(look.theme.ink)
            centre = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            first = next(each for each in (self.text, self.seeds, self.equal) if not each.isHidden())
            title = QRectF(left, look.px(10), first.x() - left - look.px(8), look.px(30))
            question = QFontMetricsF(painter.font()).elidedText(
                self.title(), Qt.TextElideMode.ElideRight, title.width()
            )
            painter.drawText(title, centre, question)
            painter.setFont(look.font("label"))
            painter.setPen(look.theme.err if self.comparison.refusal else look.theme.ink2)
            taken = 0 if self.layer.isHidden() else self.layer.width() + look.px(8)
            room = QRectF(left, look.px(42), self.width() - 2 * left - taken, look.px(18))
            words = QFontMetricsF(painter.font()).elidedText(self.caption(), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, centre, words)
