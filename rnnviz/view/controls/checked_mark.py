"""The small mark in the head of the stage: whether the numbers on screen have been checked; a click opens the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Slot

from rnnviz.view.controls.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis

HEAD = 21.0  # design px: the middle of the stage's head line
TIPS = {
    "checked": "These very numbers were compared with PyTorch, finite differences and sums.\nClick for the proof.",
    "check": "Compare the numbers on screen with PyTorch, finite differences and sums.\nThe proof says how far apart.",
    "checking": "The numbers on screen are being compared.\nClick to see the comparisons.",
    "failed": "A comparison of these numbers failed.\nClick to see which.",
}


class CheckedMark(Button):
    """Says "checked" only of the very network and text on screen; any change of them makes it "check" again."""

    def __init__(
        self, *, session: Session, settings: Settings, look: Look, axis: TimeAxis, stage: QWidget,
        open_page: Callable[[str], None],
    ) -> None:  # fmt: skip
        super().__init__(look=look, kind="chip", height=20, parent=stage)
        self._session, self._settings, self._axis, self._open = session, settings, axis, open_page
        self.font_role = "small"
        self.setObjectName("checked-mark")
        self.clicked.connect(self.on_clicked)
        session.lab.changed.connect(self.on_lab)
        facts = (session.trace_changed, session.engine_changed, settings.view_changed, axis.changed, look.changed)
        for signal in facts:
            signal.connect(self.refresh)
        stage.installEventFilter(self)
        self.refresh()

    def _icon_size(self) -> float:
        return self.look.px(11)

    def sizeHint(self) -> QSize:
        """Narrow: in a small window "Folded" and this share 148 px."""
        return QSize(round(self._content_width() + self.look.px(10)), self.look.ipx(self.design_height))

    @property
    def word(self) -> str:
        """What the mark says."""
        lab = self._session.lab
        if not lab.fits("evidence"):
            return "checking" if lab.waiting("evidence") else "check"
        return "checked" if all(check.passed or check.skipped for check in lab.value("evidence").checks) else "failed"

    @Slot()
    def on_clicked(self) -> None:
        """Open the proof, which checks at once; open already, check again."""
        if self._session.lab.wanted("evidence"):
            self._session.lab.ask("evidence")
        self._open("proof")
        self.refresh()

    @Slot(str)
    def on_lab(self, topic: str) -> None:
        """An answer has come, or is no longer wanted."""
        if topic == "evidence":
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Word, icon and place; only in the full view, where the head line has room for it."""
        view, look = self._settings.view, self.look
        self.setVisible(not view.simple and not look.presenter and view.zoom != "inside")
        word = self.word
        if word != self.text():
            self.setText(word)
            self.icon_name = {"checked": "check", "failed": "error"}.get(word, "")
            self.setToolTip(TIPS[word])
            self.setAccessibleName(f"Proof: {word}")
        size = self.sizeHint()
        left = round(self._axis.gutter) - look.ipx(6) - size.width()
        self.setGeometry(left, look.ipx(HEAD) - size.height() // 2, size.width(), size.height())
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The stage's width decides the gutter's."""
        if event.type() == QEvent.Type.Resize:
            self.refresh()
        return super().eventFilter(watched, event)
