"""Three models side by side: numbers learned, right answers by the place of the year, answers to two sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view import icons
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QColor, QPaintEvent

    from rnnviz.service.messages import SharingModel, SharingTrained
    from rnnviz.view.look import Look

NAMES = {"rnn": "Recurrent", "mlp": "Window MLP", "cnn": "1-D CNN"}
PLACES = ("front", "middle", "end")
UNSEEN, SEEN = "never in training", "as in training"
HEAD, LINE, GAP = 19.0, 17.0, 9.0
NAME, NUMBER, BAR = 90.0, 44.0, 9.0
COLUMN = 68.0
WIDE_COLUMN = 110.0
MARKS = "abcd"


@dataclass(frozen=True)
class Group:
    """Headings, the first with a remark at its right, and one line for each model: a share with a bar, or words.

    ``spread`` are the lowest and highest share of single seeds, where there are several. ``right`` tells of each word
    whether it is the right answer.
    """

    titles: tuple[str, ...]
    remark: str = ""
    shares: tuple[float, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    right: tuple[tuple[bool, ...], ...] = ()
    spread: tuple[tuple[float, float], ...] = ()

    @property
    def lines(self) -> int:
        """How many lines stand below the heading."""
        return len(self.shares or self.words)


def groups_of(found: SharingTrained) -> tuple[Group, ...]:
    """What the chart says, from top to bottom."""
    models, longest = found.models, found.longest
    counts = tuple((f"{model.parameter_count:,}", f"{model.count_for_longer:,}") for model in models)
    groups = [Group((f"numbers learned, for up to {longest} words and for {2 * longest}",), words=counts)]
    for place in PLACES:
        remark = SEEN if place in found.trained_at else UNSEEN
        shares = tuple(model.accuracy[place] for model in models)
        title = f"year {'in' if place == 'middle' else 'at'} the {place}"
        groups.append(Group((title,), remark, shares, spread=_spread(found, place)))
    shares = tuple(model.longer for model in models)
    groups.append(Group((f"texts of more than {longest} words",), UNSEEN, shares, spread=_spread(found, "longer")))
    answers = tuple(tuple(model.answers) for model in models)
    right = tuple(tuple(map(str.__eq__, model.answers, found.years)) for model in models)
    titles = tuple(f"{letter})  “{text}”" for letter, text in zip(MARKS, found.sentences, strict=False))
    return (*groups, Group(titles, words=answers, right=right))


def _spread(found: SharingTrained, kind: str) -> tuple[tuple[float, float], ...]:
    """Lowest and highest share of the seeds; nothing where there is one seed."""
    if found.averaged < 2:
        return ()
    return tuple((model.lowest[kind], model.highest[kind]) for model in found.models)


class SharingChart(QWidget):
    """Painted groups; the bars have the colour of probabilities, a stroke marks a blind guess."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.groups: tuple[Group, ...] = ()
        self.names: tuple[str, ...] = ()
        self.chance = 0.0
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Three models that find the year")
        look.changed.connect(self.updateGeometry)

    def show_found(self, found: SharingTrained | None) -> None:
        """Another report; None: nothing is known yet."""
        self.names = tuple(NAMES[model.key] for model in found.models) if found is not None else ()
        before, self.groups = len(self.groups), groups_of(found) if found is not None else ()
        self.chance = found.chance if found is not None else 0.0
        self.setAccessibleDescription(_said(found.models) if found is not None else "")
        if len(self.groups) != before:
            self.updateGeometry()
        self._turn.ask()

    def sizeHint(self) -> QSize:
        """As high as the groups."""
        height = sum(HEAD * len(group.titles) + LINE * group.lines + GAP for group in self.groups)
        return QSize(self.look.ipx(220), self.look.ipx(height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The groups."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            top = 0.0
            for group in self.groups:
                self._paint_head(painter, group, top)
                top += self.look.px(HEAD) * len(group.titles)
                for line in range(group.lines):
                    self._paint_line(painter, group, line, top)
                    top += self.look.px(LINE)
                top += self.look.px(GAP)

    def _words(self, painter: QPainter, rect: QRectF, words: str, colour: QColor, *, right: bool = False) -> None:
        flag = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.setPen(colour)
        painter.drawText(rect, flag | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_head(self, painter: QPainter, group: Group, top: float) -> None:
        look = self.look
        rect = QRectF(0, top, self.width(), look.px(HEAD))
        painter.setFont(look.font("small"))
        unseen = group.remark == UNSEEN
        self._words(painter, rect, group.remark, look.theme.ink if unseen else look.theme.ink3, right=True)
        for line, title in enumerate(group.titles):
            shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, self.width())
            self._words(painter, rect.translated(0, line * rect.height()), shown, look.theme.ink2)

    def _paint_line(self, painter: QPainter, group: Group, line: int, top: float) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        rect = QRectF(0, top, self.width(), px(LINE))
        painter.setFont(look.font("label"))
        self._words(painter, rect, self.names[line], theme.ink)
        if group.shares:
            self._paint_bar(painter, rect, group.shares[line], group.spread[line] if group.spread else None)
            self._words(painter, rect, percent_text(group.shares[line]), theme.ink, right=True)
            return
        wide = COLUMN if group.right else WIDE_COLUMN
        for column, word in enumerate(group.words[line]):
            left = rect.adjusted(px(NAME + wide * column), 0, 0, 0)
            if group.right:
                word = f"{MARKS[column]}) {word}"
                x = left.left() + painter.fontMetrics().horizontalAdvance(word) + px(4)
                name, colour = ("check", theme.ink) if group.right[line][column] else ("close", theme.ink2)
                icons.paint(painter, name, QRectF(x, top + px(2), px(13), px(13)), colour)
            self._words(painter, left, word, theme.ink)

    def _paint_bar(
        self, painter: QPainter, rect: QRectF, share: float, spread: tuple[float, float] | None
    ) -> None:  # fmt: skip
        theme, px = self.look.theme, self.look.px
        room = QRectF(px(NAME), rect.center().y() - px(BAR) / 2, rect.width() - px(NAME + NUMBER), px(BAR))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.raised)
        painter.drawRect(room)
        painter.setBrush(theme.prob)
        painter.drawRect(QRectF(room.left(), room.top(), room.width() * float(np.clip(share, 0, 1)), room.height()))
        x = room.left() + room.width() * self.chance
        painter.setPen(QPen(theme.ink2, 1))
        painter.drawLine(QLineF(QPointF(x, room.top() - px(2)), QPointF(x, room.bottom() + px(2))))
        if spread is not None:
            self._paint_spread(painter, room, spread)

    def _paint_spread(self, painter: QPainter, room: QRectF, spread: tuple[float, float]) -> None:
        """From the lowest to the highest seed: a line with two ends, on paper so that it is seen on the bar too."""
        px, y = self.look.px, room.center().y()
        low, high = (room.left() + room.width() * float(np.clip(share, 0, 1)) for share in spread)
        lines = [QLineF(low, y, high, y)]
        lines += [QLineF(x, y - px(4), x, y + px(4)) for x in (low, high)]
        for colour, width in ((self.look.theme.panel, 4.0), (self.look.theme.ink, 1.4)):
            painter.setPen(QPen(colour, px(width)))
            painter.drawLines(lines)


def _said(models: Sequence[SharingModel]) -> str:
    """The chart for those who do not see it."""
    parts = []
    for model in models:
        places = ", ".join(f"{place} {percent_text(model.accuracy[place])}" for place in PLACES)
        longer = f"longer {percent_text(model.longer)}"
        parts.append(f"{NAMES[model.key]}: {model.parameter_count} numbers, {places}, {longer}")
    return "; ".join(parts)
