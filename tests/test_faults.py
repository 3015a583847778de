"""Every fault of the list (docs: what must happen on bad input) has a test that is marked with its number."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PROVED = {*range(1, 14), *range(19, 23)}


def is_fault(call):
    """Whether ``call`` is ``pytest.mark.fault(...)``."""
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.fault"


def marked(source):
    """The fault numbers of each test function: name -> numbers."""
    return {
        node.name: [call.args[0].value for call in node.decorator_list if is_fault(call)]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@cache
def every_number():
    found = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, numbers in marked(path.read_text(encoding="utf-8")).items():
            for number in numbers:
                found.setdefault(number, []).append(f"{path.relative_to(TESTS)}::{name}")
    return found


@pytest.mark.parametrize("number", sorted(PROVED))
def test_the_fault_has_a_test(number):
    assert every_number().get(number), f"no test is marked with pytest.mark.fault({number})"


def test_no_number_is_outside_the_list():
    assert set(every_number()) <= set(range(1, 23))


def test_only_marks_on_tests_count():
    source = "@pytest.mark.fault(3)\n@pytest.mark.fault(4)\ndef test_a(): ...\n"
    source += "@pytest.mark.fault(5)\ndef helper(): ...\n"
    assert marked(source) == {"test_a": [3, 4]}
