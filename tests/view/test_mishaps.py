"""A mistake of our own is written down, said once, and ends nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

import rnnviz.view
from rnnviz.view.mishaps import Mishaps

FILES = sorted(Path(rnnviz.view.__file__).parent.rglob("*.py"))


def painters(tree):
    """Line numbers of painters that are made in a ``with`` statement, and of all painters."""
    safe, every = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.With):
            safe |= {item.context_expr.lineno for item in node.items if makes_painter(item.context_expr)}
        if makes_painter(node):
            every.add(node.lineno)
    return safe, every


def makes_painter(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "QPainter"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(FILES[0].parent)) for path in FILES])
def test_painters_end_whatever_happens(path):
    safe, every = painters(ast.parse(path.read_text(encoding="utf-8")))
    assert safe == every, "an exception between QPainter(...) and its end kills the program"


def test_the_check_finds_a_bare_painter():
    source = "def f(w):\n    painter = QPainter(w)\n    with QPainter(w) as p:\n        p.x()\n"
    safe, every = painters(ast.parse(source))
    assert every - safe == {2}


@pytest.fixture
def mishaps(make_session, tmp_path):
    session = make_session(start=False)
    return session, Mishaps(session=session, folder=tmp_path / "not yet there")


def failed(name):
    """An exception with a traceback through a function called ``name``."""
    scope = {}
    exec(f"def {name}():\n    raise ValueError('no {name}')", scope)
    try:
        scope[name]()
    except ValueError as error:
        return type(error), error, error.__traceback__


def test_a_mistake_is_written_down_and_said_once(mishaps, wait_until):
    session, hook = mishaps
    hook.take(*failed("paintEvent"))
    wait_until(lambda: session.notice is not None)
    assert session.notice.kind == "error"
    assert session.notice.text == f"Something went wrong while drawing; it was written to {hook.path}."
    written = hook.path.read_text()
    assert "ValueError: no paintEvent" in written
    assert "Traceback" in written
    session.dismiss_notice()
    hook.take(*failed("paintEvent"))
    QCoreApplication.processEvents()
    assert session.notice is None
    assert hook.path.read_text() == written


def test_another_mistake_is_appended(mishaps, wait_until):
    session, hook = mishaps
    hook.take(*failed("paintEvent"))
    hook.take(TypeError, TypeError("something else"), None)
    assert hook.path.read_text().count("Error: ") == 2
    wait_until(lambda: session.notice is not None and "doing that" in session.notice.text)


def test_a_file_that_cannot_be_written_is_no_second_mistake(make_session, tmp_path, wait_until):
    session = make_session(start=False)
    (tmp_path / "file").write_text("in the way")
    hook = Mishaps(session=session, folder=tmp_path / "file")
    hook.take(*failed("resizeEvent"))
    wait_until(lambda: session.notice is not None)
    assert "arranging the window" in session.notice.text
