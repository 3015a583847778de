"""What is checked before Qt starts."""

from __future__ import annotations

import pytest

from rnnviz.commands.display import check_display, check_qt
from rnnviz.engine.errors import SpecError


def test_a_chosen_platform_needs_no_display():
    check_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")


def test_wayland_is_a_display():
    check_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux")


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_always_have_one(platform):
    check_display({}, platform)


@pytest.mark.fault(19)
def test_no_display_names_snapshot():
    with pytest.raises(SpecError, match="rnnviz snapshot"):
        check_display({}, "linux")


@pytest.mark.fault(19)
def test_a_dead_display_is_named():
    with pytest.raises(SpecError, match=":9753"):
        check_display({"DISPLAY": ":9753"}, "linux")


@pytest.mark.parametrize("python", [(3, 10, 9), (3, 11, 2)])
def test_the_pyside_that_ends_old_pythons_is_refused(python):
    with pytest.raises(SpecError, match=r"6\.12\.0.*6\.11"):
        check_qt("6.12.0", python)


@pytest.mark.parametrize(
    ("version", "python"), [("6.12.0", (3, 12, 0)), ("6.11.3", (3, 11, 2)), ("6.12.1", (3, 11, 2))]
)
def test_other_pysides_are_fine(version, python):
    check_qt(version, python)


def test_the_installed_qt_loads():
    check_qt()
