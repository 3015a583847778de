"""What appears by use: the first click on a square, the first Train, the first Backward; and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from rnnviz.session.view_state import view_from_json
from rnnviz.view.facts import is_backward

if TYPE_CHECKING:
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings

FULL_TRACKS = ("hidden", "gates", "gradient", "loss", "credit")
COLLAPSED = ("gates",)
KEPT = (
    "zoom",
    "pitch",
    "simple",
    "open_tracks",
    "collapsed",
    "track_heights",
    "inspector",
    "training",
    "drawer",
    "sort",
    "notation",
    "shapes",
    "composed",
    "folded",
    "compare",
    "rivals",
    "equal_parameters",
    "seeds",
)


class FirstUse(QObject):
    """Opens a view at its first use in this run of the program, never twice: who closes it is left in peace."""

    def __init__(self, *, session: Session, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._done: set[str] = set()
        session.selection_changed.connect(self.on_selection_changed)
        session.engine_changed.connect(self.on_engine_changed)
        session.direction_changed.connect(self.on_direction_changed)

    def _once(self, use: str) -> bool:
        fresh = use not in self._done
        self._done.add(use)
        return fresh

    @Slot()
    def on_selection_changed(self) -> None:
        """The first click on a square opens the inspector."""
        if self._session.unit >= 0 and self._once("select"):
            self._settings.update_view(inspector=True, drawer=True)

    @Slot()
    def on_engine_changed(self) -> None:
        """The first training opens the training card and the loss track."""
        if self._session.engine_state == "training" and self._once("train"):
            self._settings.update_view(training=True, drawer=True)
            self._open_track("loss")

    @Slot()
    def on_direction_changed(self) -> None:
        """The first backward opens the gradient track."""
        if is_backward(self._session) and self._once("backward"):
            self._open_track("gradient")

    def _open_track(self, key: str) -> None:
        keys = list(self._settings.view.open_tracks)
        if key not in keys:
            ordered = [name for name in (*FULL_TRACKS, key) if name in {*keys, key}]
            rest = [name for name in keys if name not in ordered]
            self._settings.update_view(open_tracks=list(dict.fromkeys([*ordered, *rest])))

    # ---- simple and full ---------------------------------------------------------------------

    def toggle_simple(self) -> None:
        """Simple: five controls and nothing else. Full: everything, unless something is open already."""
        view = self._settings.view
        if not view.simple:
            self._settings.update_view(
                simple=True, inspector=False, training=False, drawer=False, open_tracks=[], zoom="steps", folded=False
            )
        else:
            self.show_full()

    def show_full(self) -> None:
        """All tracks and panels of the full view."""
        view = self._settings.view
        self._done |= {"select", "train", "backward"}
        tracks = list(dict.fromkeys([*FULL_TRACKS, *view.open_tracks]))
        self._settings.update_view(
            simple=False,
            inspector=True,
            training=True,
            open_tracks=tracks,
            collapsed=sorted({*view.collapsed, *COLLAPSED}),
        )

    def restore(self, data: dict[str, object]) -> None:
        """Take the view of an opened file, but not its theme, type size or presenter mode."""
        view = view_from_json(data)
        if view is not None and data:
            self._done |= {"select", "train", "backward"} if not view.simple else set()
            self._settings.update_view(**{name: getattr(view, name) for name in KEPT})
