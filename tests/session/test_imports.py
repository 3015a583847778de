"""The session knows no widgets and no torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import rnnviz

PACKAGE = Path(rnnviz.__file__).parent


def test_nothing_in_the_session_knows_widgets():
    for path in (PACKAGE / "session").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not [name for name in names if "QtWidgets" in name or "QtGui" in name or name == "torch"], path


def test_importing_the_session_and_the_service_loads_no_torch():
    program = "import sys, rnnviz.session.session, rnnviz.service.host; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent).returncode == 0
