"""What ``rnnviz bench`` measures: one small file a benchmark, registered here by name.

A benchmark module has ``run(options) -> Iterator[Result]``. To add one, write the file and one line below.
"""

from __future__ import annotations

BENCHMARKS: dict[str, str] = {
    "trace": "rnnviz.bench.trace",
    "training": "rnnviz.bench.training",
    "start": "rnnviz.bench.start",
    "frames": "rnnviz.bench.frames",
    "keystroke": "rnnviz.bench.keystroke",
    "idle": "rnnviz.bench.idle",
    "memory": "rnnviz.bench.memory",
}
