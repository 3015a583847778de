"""Models side by side: which ones stand beside the one on show, and the newest picture of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from rnnviz.engine.errors import SpecError
from rnnviz.engine.parameters import same_change
from rnnviz.engine.spec import CELL_NAMES, ModelSpec
from rnnviz.service.messages import Compared, RivalSpec
from rnnviz.session.values import Notice

if TYPE_CHECKING:
    from rnnviz.engine.spec import TrainingSpec
    from rnnviz.service.messages import ComparedModel, Unrolled
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings

MAX_MODELS: Final = 3
MAX_SEEDS: Final = 5
TOPIC: Final = "compare"
KEY: Final = "comparison"
AGAIN_MS: Final = 100
"""While a model catches up, its picture is asked for so often."""


class Comparison(QObject):
    """The rivals are kept in the view state (settings and session files); what they have learned is the engine's.

    A training setting of the model on show that changes is changed in all of them, live. An engine that was
    started anew is asked again and trains them again from the seed, with the settings that are in force then.
    """

    changed = Signal()

    def __init__(self, *, session: Session, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._settings = settings
        # Before the engine has spoken, the run is a placeholder.
        self._training: TrainingSpec | None = session.run.training if session.task is not None else None
        self.active = False
        self.compared: Compared | None = None
        self.trace: Unrolled | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._ask)
        # The facts come before the commands that they lead to: the engine hears of the model on show first.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._tell)
        for signal in (session.loss_step_changed, session.gradients_changed, session.selection_changed):
            signal.connect(self._tell_soon)
        settings.view_changed.connect(self._tell_soon)
        session.run_changed.connect(self._on_run)
        session.lab.changed.connect(self._on_answer)

    # ---- what views read -------------------------------------------------------------------

    @property
    def rivals(self) -> tuple[RivalSpec, ...]:
        """The models beside the one on show, as wanted (equal parameters may give them other sizes)."""
        found = [_rival(data) for data in self._settings.view.rivals]
        return tuple(rival for rival in found if rival is not None)[: MAX_MODELS - 1]

    @property
    def equal_parameters(self) -> bool:
        """Whether rivals have as many parameters as the model on show, instead of the units they name."""
        return self._settings.view.equal_parameters

    @property
    def seeds(self) -> int:
        """How many runs every model has, from seeds that follow one another."""
        return min(MAX_SEEDS, max(1, self._settings.view.seeds))

    @property
    def models(self) -> tuple[ComparedModel, ...]:
        """The newest picture of every model, the one on show first; empty before the first."""
        return tuple(self.compared.models) if self.compared is not None else ()

    @property
    def catching_up(self) -> bool:
        """Whether some run has fewer training steps than the one on show, and still trains."""
        return any(
            model.seeds_behind or (model.training_step != model.target_step and not model.failure)
            for model in self.models
        )

    @property
    def complete(self) -> bool:
        """Whether the newest picture is of the models and the text that are wanted, all of them trained as far."""
        trace, models = self._session.trace, self.models
        if trace is None or trace.text != self._session.text or not models:
            return False
        newest = models[0].training_step == trace.training_step and self._session.lab.value(TOPIC) is self.compared
        return newest and not self.catching_up and not any(self.outdated(index) for index in range(len(models)))

    def outdated(self, index: int) -> bool:
        """Whether the picture of model ``index`` is of other settings than are wanted now."""
        answer, wanted = self.compared, self._session.lab.parameters(TOPIC)
        if answer is None or len(answer.models) != len(wanted.rivals) + 1:
            return True
        if index == 0:
            shown = answer.models[0].model
            changed = msgspec.structs.replace(answer.asked, rivals=wanted.rivals) != wanted
            return changed or shown != self._session.run.model
        return bool(answer.asked != wanted)

    @property
    def refusal(self) -> str:
        """Why there is no picture; '' when nothing was refused."""
        return self._session.lab.refusal(TOPIC)

    # ---- what views say --------------------------------------------------------------------

    def begin(self) -> None:
        """The comparison comes on screen; without rivals it begins with the other cells in the same size."""
        self.active = True
        if not self.rivals:
            self._begin_with_other_cells()
        self._tell()
        self._session.want(TOPIC, KEY)

    def end(self) -> None:
        """Nobody looks any more: nothing is asked for and no rival trains. What they have learned stays a while."""
        self.active = False
        self._again.stop()
        self._soon.stop()
        self._session.unwant(TOPIC, KEY)
        lab = self._session.lab
        lab.set(TOPIC, paused=True)
        lab.do(TOPIC, lab.parameters(TOPIC))

    def add(self) -> None:
        """One more model: a cell that is not there yet, else another of the same."""
        there = [self._session.run.model.cell, *(rival.model.cell for rival in self.rivals)]
        if len(there) < MAX_MODELS:
            cell = next((name for name in CELL_NAMES if name not in there), there[0])
            self._keep((*self.rivals, self._like_shown(cell)))

    def remove(self, index: int) -> None:
        """Take away rival ``index`` (0 or 1)."""
        rivals = list(self.rivals)
        del rivals[index : index + 1]
        self._keep(tuple(rivals))

    def change(self, index: int, **changes: Any) -> None:  # noqa: ANN401 fields of ModelSpec or TrainingSpec
        """Change settings of rival ``index``: it begins again from its seed. What is not allowed becomes a notice."""
        rivals = list(self.rivals)
        of_model = {name: value for name, value in changes.items() if name in ModelSpec.__struct_fields__}
        of_training = {name: value for name, value in changes.items() if name not in of_model}
        try:
            old = rivals[index]
            model = msgspec.structs.replace(old.model, **of_model)
            training = msgspec.structs.replace(old.training, **of_training)
        except (SpecError, TypeError) as error:
            self._session.tell(Notice(str(error), "error"))
            return
        rivals[index] = RivalSpec(model=model, training=training)
        self._keep(tuple(rivals))

    def set_equal_parameters(self, equal: bool) -> None:
        """Compare at equal numbers of parameters, or at equal numbers of units."""
        self._settings.update_view(equal_parameters=equal)

    def set_seeds(self, seeds: int) -> None:
        """Train every model from so many seeds; more than one gives a band."""
        self._settings.update_view(seeds=seeds)

    # ---- inside ----------------------------------------------------------------------------

    def _like_shown(self, cell: str) -> RivalSpec:
        run = self._session.run
        return RivalSpec(model=msgspec.structs.replace(run.model, cell=cell), training=run.training)

    def _begin_with_other_cells(self) -> None:
        shown = self._session.run.model.cell
        self._keep(tuple(self._like_shown(cell) for cell in CELL_NAMES if cell != shown))

    def _keep(self, rivals: tuple[RivalSpec, ...]) -> None:
        self._settings.update_view(rivals=[msgspec.to_builtins(rival) for rival in rivals])

    @Slot()
    def _on_run(self) -> None:
        """A training setting of the model on show changes for all."""
        session = self._session
        if session.task is None:
            return
        before, self._training = self._training, session.run.training
        if before is not None and before != self._training:
            after = self._training
            self._keep(
                tuple(
                    msgspec.structs.replace(rival, training=same_change(before, after, rival.training))
                    for rival in self.rivals
                )
            )
        self._tell_soon()

    @Slot()
    def _tell_soon(self) -> None:
        if self.active:
            self._soon.start(0)

    @Slot()
    def _tell(self) -> None:
        """Tell the engine what is compared; only a change asks anew."""
        if not self.active:
            return
        session = self._session
        session.lab.set(
            TOPIC,
            rivals=list(self.rivals),
            equal_parameters=self.equal_parameters,
            seeds=self.seeds,
            loss_step=session.loss_step,
            threshold=session.threshold,
            layer=session.layer,
            paused=False,
        )
        self.changed.emit()

    @Slot(str)
    def _on_answer(self, topic: str) -> None:
        if topic != TOPIC or not self.active:
            return
        answer, trace = self._session.lab.value(TOPIC), self._session.trace
        if isinstance(answer, Compared) and answer.models and trace is not None:
            self.compared, self.trace = answer, trace
            if self.catching_up and not self._session.training_now:
                self._again.start()
        self.changed.emit()

    @Slot()
    def _ask(self) -> None:
        self._session.lab.ask(TOPIC)


def _rival(data: object) -> RivalSpec | None:
    """A rival from the view state; None where it is none (a later version's, or one that is out of range)."""
    try:
        return msgspec.convert(data, RivalSpec)
    except (msgspec.ValidationError, SpecError):
        return None
