"""A window benchmark in a process of its own: ``python -m rnnviz.bench.child MODULE OPTIONS`` prints one JSON line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING

from rnnviz.bench.measure import Options
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence


def environment(folder: str) -> dict[str, str]:
    """Ours, with settings of its own and a window in memory (or on the display that QT_QPA_PLATFORM names)."""
    chosen = {"RNNVIZ_CONFIG_DIR": folder, "OMP_NUM_THREADS": "1"}
    return {"QT_QPA_PLATFORM": "offscreen"} | dict(os.environ) | chosen


def in_child(module: str, options: Options) -> dict[str, float]:
    """What ``module.measure`` finds in a fresh process."""
    found: dict[str, float] = json.loads(
        output_of([sys.executable, "-m", __spec__.name, module, json.dumps(asdict(options))])
    )
    return found


def output_of(command: Sequence[str]) -> str:
    """The last line a process prints; where it fails, its last words as a SpecError."""
    with tempfile.TemporaryDirectory(prefix="rnnviz-bench-") as folder:
        done = subprocess.run(command, capture_output=True, text=True, env=environment(folder), check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SpecError(f"A benchmark process ended with code {done.returncode}; its last words are above.")
    return done.stdout.strip().splitlines()[-1]


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    module, options = argv
    print(json.dumps(import_module(module).measure(Options(**json.loads(options)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
