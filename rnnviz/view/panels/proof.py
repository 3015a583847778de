"""The Proof tab: the numbers on screen against independent ways of computing them, checked when it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.view import icons, math_text
from rnnviz.view.controls.buttons import Button
from rnnviz.view.look import number, significant
from rnnviz.view.notation.tips import told
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent

    from rnnviz.service.messages import Check, Proved
    from rnnviz.view.look import Look

LINE = 17.0
INDENT = 24.0
LOADING = "still loading"
"""What a refusal says that is worth another try as soon as PyTorch is there."""
UNITS = {"absolute": "", "relative": " of the largest", "log2": " in log₂"}


class CheckList(QWidget):
    """One block for each comparison: icon and title, what was compared, how far apart it was."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.checks: tuple[Check, ...] = ()
        self.faint = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Comparisons")
        self.setToolTip(
            "Each number of the picture is computed a second time in another way, now, for this network and text.\n"
            "The largest difference and what is allowed are printed."
        )
        look.changed.connect(self.updateGeometry)

    def show_checks(self, checks: tuple[Check, ...], *, faint: bool) -> None:
        """``faint``: they are of an earlier network or text."""
        if (checks, faint) == (self.checks, self.faint):
            return
        self.checks, self.faint = checks, faint
        self.setAccessibleDescription("; ".join(f"{check.title}: {outcome(check)}" for check in checks))
        self.updateGeometry()
        self.update()

    def _room(self) -> float:
        return max(self.look.px(120), self.width() - self.look.px(INDENT))

    def _lines(self, text: str) -> list[str]:
        """``text`` broken into lines."""
        metrics, lines = QFontMetricsF(self.look.font("small")), [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and metrics.horizontalAdvance(longer) > self._room():
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def _height(self, check: Check) -> float:
        return self.look.px(LINE) * (2 + len(self._lines(said(check)))) + self.look.px(8)

    def sizeHint(self) -> QSize:
        """As high as the blocks."""
        return QSize(self.look.ipx(200), round(sum(self._height(check) for check in self.checks)) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks other lines."""
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The blocks."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.faint:
                painter.setOpacity(0.45)
            y = 0.0
            for check in self.checks:
                self._block(painter, y, check)
                y += self._height(check)

    def _block(self, painter: QPainter, top: float, check: Check) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        wrong = not check.passed and not check.skipped
        colour = theme.err if wrong else theme.ink
        icon = "check" if check.passed else "info" if check.skipped else "error"
        icons.paint(painter, icon, QRectF(0, top + px(1), px(15), px(15)), colour)
        painter.setFont(look.font("strong"))
        painter.setPen(colour)
        painter.drawText(QPointF(px(INDENT), top + px(13)), check.title)
        painter.setFont(look.font("small"))
        word = outcome_word(check)
        start = self.width() - QFontMetricsF(painter.font()).horizontalAdvance(word)
        painter.drawText(QPointF(start, top + px(13)), word)
        painter.setPen(theme.ink2)
        baseline = top + px(13)
        for line in self._lines(said(check)):
            baseline += px(LINE)
            painter.drawText(QPointF(px(INDENT), baseline), line)
        if not check.skipped:
            painter.setPen(colour)
            painter.drawText(QPointF(px(INDENT), baseline + px(LINE)), differences(check))
        painter.setPen(QPen(theme.line, 1))
        y = round(top + self._height(check) - px(5)) + 0.5
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))


def said(check: Check) -> str:
    """What was compared, or why not, in the notation in use."""
    return told(check.skipped or check.sentence, math_text.notation())


def outcome_word(check: Check) -> str:
    """Passed, failed, or not checked."""
    return "not checked" if check.skipped else "passed" if check.passed else "FAILED"


def differences(check: Check) -> str:
    """The largest difference found, and what is allowed."""
    return f"largest {significant(check.difference, 2)}{UNITS[check.measure]}, allowed {significant(check.allowed, 1)}"


def outcome(check: Check) -> str:
    """One block in a line, for screen readers."""
    return f"{outcome_word(check)}, {check.skipped or differences(check)}"


class ProofPanel(Panel):
    """Asks for the proof when it opens and when asked again; an answer of other numbers is shown faint."""

    topics = ("evidence",)

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.headline = form.label("", strong=True)
        self.note = form.label("", quiet=True)
        self.list = CheckList(look=self.look)
        self.again = Button(look=self.look, text="Check again", icon="reset", height=28)
        self.again.setToolTip("Compute every comparison anew for the present network and text.\nNothing is remembered.")
        row = QHBoxLayout()
        row.addWidget(self.headline, 1)
        row.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addSpacing(4)
        column.addWidget(self.list)
        column.addStretch(1)
        self.again.clicked.connect(self.check)
        self.session.lab.changed.connect(self.on_lab)
        for signal in (self.session.trace_changed, self.session.engine_changed, self.look.changed):
            signal.connect(self.on_fact)

    # ---- facts and acts ----------------------------------------------------------------------

    @Slot()
    def check(self) -> None:
        """Ask the engine."""
        self.session.lab.ask("evidence")
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Opened: check now, unless the answer at hand is of these very numbers."""
        super().showEvent(event)
        if not self.session.lab.fits("evidence"):
            self.check()

    @Slot(str)
    def on_lab(self, topic: str) -> None:
        """The answer, or why there is none."""
        if topic == "evidence":
            self.on_fact()

    @Slot()
    def on_fact(self) -> None:
        """Other numbers on screen, or PyTorch is there at last."""
        if not self.isVisible():
            return
        if self.session.torch_ready and LOADING in self.session.lab.refusal("evidence"):
            self.check()
        else:
            self.refresh()

    # ---- values ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Headline, note, comparisons."""
        lab = self.session.lab
        proof: Proved | None = lab.value("evidence")
        fits, waiting = lab.fits("evidence"), lab.waiting("evidence")
        self.again.setEnabled(not waiting)
        self.headline.setText(_headline(proof, fits=fits, waiting=waiting))
        self.note.setText(lab.refusal("evidence") if proof is None else _note(proof))
        self.note.setVisible(bool(self.note.text()))
        self.list.show_checks(tuple(proof.checks) if proof is not None else (), faint=proof is not None and not fits)


def _headline(proof: Proved | None, *, fits: bool, waiting: bool) -> str:
    if waiting:
        return "Checking…"
    if proof is None:
        return "Not checked yet"
    made = [check for check in proof.checks if not check.skipped]
    failed = sum(not check.passed for check in made)
    if not fits:
        return "Checked for an earlier network or text"
    return f"{failed} of {len(made)} comparisons FAILED" if failed else f"All {len(made)} comparisons passed"


def _note(proof: Proved) -> str:
    steps = proof.note or f"all {proof.length} steps"
    return f"Computed in {number(proof.seconds, 2)} s at training step {proof.training_step}, on {steps}."


ENTRY = PanelEntry("proof", "Proof", "lab", "Ctrl+Shift+P", "check", ProofPanel)
