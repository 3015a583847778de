"""What must be true before Qt is started: Qt itself calls abort(), so we look first and say a sentence."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from importlib import import_module, metadata
from typing import TYPE_CHECKING

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES = (
    "libegl1 libgl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libdbus-1-3 "
    "libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"
)
X11_LIBRARIES = ("libxcb-cursor.so.0", "libxkbcommon-x11.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1")
INSTEAD = "`rnnviz snapshot --out shot.png` renders the window to a picture without one"


def check_display(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> None:
    """Raise SpecError where Qt would abort for want of a display (only Linux can lack one)."""
    known = os.environ if environment is None else environment
    if not platform.startswith("linux") or known.get("QT_QPA_PLATFORM"):
        return
    if known.get("WAYLAND_DISPLAY"):
        return
    display = known.get("DISPLAY", "")
    if not display:
        raise SpecError(f"There is no display (DISPLAY and WAYLAND_DISPLAY are not set); {INSTEAD}.")
    if not _answers(display):
        raise SpecError(f"The display {display} does not answer; {INSTEAD}.")
    missing = [library for library in X11_LIBRARIES if not _loads(library)]
    if missing:
        raise SpecError(f"Qt needs {', '.join(missing)} to open a window; install the packages {PACKAGES}.")


def _answers(display: str) -> bool:
    """Whether a local X server takes connections (a remote display is left to Qt)."""
    if not display.startswith(":"):
        return True
    path = f"/tmp/.X11-unix/X{display[1:].split('.')[0]}"
    for address in (path, "\0" + path):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2.0)
            if probe.connect_ex(address) == 0:
                return True
    return False


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def check_qt(version: str | None = None, python: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Raise SpecError where PySide6 is absent, cannot be loaded, or is the release that aborts old Pythons."""
    found = version or _installed_version()
    if found.startswith("6.12.0") and python < (3, 12):
        raise SpecError(
            f"PySide6 {found} ends Python {python[0]}.{python[1]} after some thousand calls; "
            "install PySide6-Essentials 6.11, or use Python 3.12."
        )
    if version is None:
        _load_qt()


def _installed_version() -> str:
    try:
        return metadata.version("PySide6-Essentials")
    except metadata.PackageNotFoundError:
        raise SpecError("PySide6-Essentials is not installed; install it with pip.") from None


def _load_qt() -> None:
    try:
        import_module("PySide6.QtWidgets")
    except ImportError as error:
        raise SpecError(f"Qt could not be loaded ({error}); on Debian or Ubuntu install {PACKAGES}.") from None
