"""Icons from the shipped files, and without them."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from rnnviz.view import icons

INK = QColor("#123456")


@pytest.fixture
def no_files(monkeypatch, tmp_path):
    """An installation whose icons are gone."""

    def missing(relative):
        raise FileNotFoundError(tmp_path / relative)

    monkeypatch.setattr(icons, "resource_path", missing)
    for cache in (icons._drawing, icons._pixmap):
        cache.cache_clear()
    yield
    for cache in (icons._drawing, icons._pixmap):
        cache.cache_clear()


def inked(pixmap):
    image = pixmap.toImage()
    return any(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))


def test_an_icon_has_the_asked_size_and_ink(qapp):
    picture = icons.pixmap("play", INK, 16, 2.0)
    assert (picture.width(), picture.devicePixelRatio()) == (32, 2.0)
    assert inked(picture)


@pytest.mark.fault(19)
def test_missing_files_are_empty_pictures(qapp, no_files):
    picture = icons.pixmap("play", INK, 16)
    assert picture.width() == 16
    assert not inked(picture)
    assert not icons.brand_icon(INK).isNull()


@pytest.mark.fault(19)
def test_the_window_works_without_its_icons(no_files, qtbot, tmp_path):
    from rnnviz.app import build

    app = build(None, tmp_path / "settings", start=False)
    try:
        app.window.show()
        app.window.first_use.show_full()
        assert app.window.grab().width() == app.window.width()
        for button in app.window.transport.buttons.values():
            assert button.accessibleName(), "without its icon a button is known by its name"
    finally:
        app.dispose()
