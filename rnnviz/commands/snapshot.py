"""``rnnviz snapshot``: the real window, rendered to a picture when every reply of the engine is in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.commands.arguments import given
from rnnviz.commands.checks import check_window_flags, taken_from_data
from rnnviz.commands.display import check_qt
from rnnviz.commands.paths import check_target
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    import argparse

    from PySide6.QtGui import QImage

    from rnnviz.commands.data import ChosenTask
    from rnnviz.offscreen import Offscreen


def run(arguments: argparse.Namespace) -> int:
    """Open, bring into the wanted state, wait, grab, write."""
    target = Path(arguments.out)
    check_target(arguments.out)
    check_window_flags(arguments)
    _check_cells(arguments)
    check_qt()
    chosen = taken_from_data(arguments)
    from rnnviz.app import application  # not before Qt is known to load

    _check_panels(arguments.panel)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the application, which Ctrl+C has to end
    application()
    from rnnviz.commands.interrupt import ExitOnInterrupt

    with ExitOnInterrupt() as interrupt:
        try:
            _render(arguments, chosen, target)
        except SpecError:
            if interrupt.asked:
                raise KeyboardInterrupt from None
            raise
    return 0


def _render(arguments: argparse.Namespace, chosen: ChosenTask | None, target: Path) -> None:
    """Bring the window into the wanted state, each time waiting for the engine, and grab it."""
    from rnnviz.offscreen import Offscreen

    with Offscreen(arguments, size=arguments.size, patience_s=arguments.timeout) as offscreen:
        offscreen.settle()
        _refuse_errors(offscreen)
        _change_network(offscreen, arguments, chosen)
        _arrange(offscreen, arguments)
        offscreen.settle()
        _place(offscreen, arguments)
        offscreen.settle()
        _refuse_errors(offscreen)
        _write(offscreen.grab(), target)


def _refuse_errors(offscreen: Offscreen) -> None:
    """A picture with an error in it was not asked for."""
    notice = offscreen.session.notice
    if notice is not None and notice.kind == "error":
        raise SpecError(notice.text)


def _check_cells(arguments: argparse.Namespace) -> None:
    if arguments.compare and arguments.cell not in (None, arguments.compare[0]):
        raise SpecError("--compare names the cells, the first of them is on show; leave out --cell.")


def _change_network(offscreen: Offscreen, arguments: argparse.Namespace, chosen: ChosenTask | None) -> None:
    session = offscreen.session
    if chosen is not None:
        _learn(offscreen, arguments, chosen)
    if arguments.open and arguments.text is not None:
        session.set_text(arguments.text)
    wanted = given(arguments, ("hidden", "layers", "bidirectional"))
    if any(value != getattr(session.run.model, name) for name, value in wanted.items()):
        session.set_model(**wanted)
    if arguments.compare:
        session.set_model(cell=arguments.compare[0])
    if arguments.train:
        offscreen.settle()
        offscreen.train(arguments.train)


def _arrange(offscreen: Offscreen, arguments: argparse.Namespace) -> None:
    """Simple or full, zoom, panels, presenter."""
    window, settings = offscreen.window, offscreen.window.settings
    if arguments.full:
        window.first_use.show_full()
    elif arguments.simple:
        settings.update_view(simple=True, inspector=False, training=False, drawer=False, open_tracks=[])
    for key in arguments.panel:
        _open_panel(offscreen, key)
    if arguments.zoom:
        settings.update_view(zoom=arguments.zoom)
    if arguments.notation:
        settings.update_view(notation=arguments.notation)
    if arguments.shapes or arguments.composed:
        view = settings.view
        settings.update_view(shapes=arguments.shapes or view.shapes, composed=arguments.composed or view.composed)
    if arguments.compare:
        _compare(offscreen, arguments.compare[1:])
    if arguments.presenter:
        window.presenter.leave()
        window.presenter.enter(arguments.size[1], full_screen=False)


def _learn(offscreen: Offscreen, arguments: argparse.Namespace, chosen: ChosenTask) -> None:
    """Learn the data of the user's own, and wait until its network and its text are there."""
    from rnnviz.commands.own_file import LearnFile

    learned = LearnFile(offscreen.session, chosen, arguments)
    offscreen.wait(lambda: learned.done or offscreen.session.own_data.refusal != "", f"the data of {arguments.data}")
    if offscreen.session.own_data.refusal:
        raise SpecError(offscreen.session.own_data.refusal)
    offscreen.settle()
    _refuse_errors(offscreen)
    offscreen.session.dismiss_notice()  # that this made a new network is what was asked for


def _compare(offscreen: Offscreen, cells: tuple[str, ...]) -> None:
    """The comparison with these cells beside the one on show, each with its settings."""
    import msgspec

    from rnnviz.service.messages import RivalSpec

    run = offscreen.session.run
    rivals = [RivalSpec(model=msgspec.structs.replace(run.model, cell=cell), training=run.training) for cell in cells]
    offscreen.window.settings.update_view(compare=True, rivals=[msgspec.to_builtins(rival) for rival in rivals])


def _panel_keys() -> tuple[list[str], list[str]]:
    """The keys of all tracks and of all panels."""
    from rnnviz.view.panels import PANELS
    from rnnviz.view.tracks import TRACKS

    return [entry.key for entry in TRACKS], [entry.key for entry in PANELS]


def _check_panels(keys: list[str]) -> None:
    known = [key for group in _panel_keys() for key in group]
    for key in keys:
        if key not in known:
            raise SpecError(f"There is no panel {key!r}; choose from {', '.join(known)}.")


def _open_panel(offscreen: Offscreen, key: str) -> None:
    """Open the track or the panel of this key."""
    settings, (tracks, _) = offscreen.window.settings, _panel_keys()
    settings.update_view(simple=False)
    if key in tracks:
        view = settings.view
        collapsed = [name for name in view.collapsed if name != key]
        settings.update_view(open_tracks=list(dict.fromkeys([*view.open_tracks, key])), collapsed=collapsed)
    elif key == "training":
        settings.update_view(training=True)
    else:
        offscreen.window.middle.show_page(key)


def _place(offscreen: Offscreen, arguments: argparse.Namespace) -> None:
    """Direction first, because it moves the cursor; then the cursor, then the unit."""
    from rnnviz.session.values import Direction

    session = offscreen.session
    if arguments.backward:
        session.set_direction(Direction.BACKWARD)
    if arguments.step is not None:
        if arguments.step > session.length:
            raise SpecError(f"The step is {arguments.step}; this text has {session.length} time steps.")
        session.move_to(arguments.step)
    if arguments.unit is not None:
        if arguments.unit > session.run.model.hidden:
            raise SpecError(f"The unit is {arguments.unit}; this network has {session.run.model.hidden}.")
        session.select(unit=arguments.unit - 1)


def _write(picture: QImage, target: Path) -> None:
    from PySide6.QtGui import QImageWriter

    writer = QImageWriter(str(target), b"png")
    if not writer.write(picture):
        raise SpecError(f"The picture was not written to {target}: {writer.errorString()}; choose another place.")
