"""What ``rnnviz bench`` measures: one small file a benchmark, registered here by name.

A benchmark module has ``run(options) -> Iterator[Result]``. To add one, write the file and one line below.
"""

from __future__ import annotations

BENCHMARKS: dict[str, str] = {
    "trace": "rnnviz.bench.trace",
    "gradient": "rnnviz.bench.gradient",
    "credit-map": "rnnviz.bench.credit_map",
    "credit-map-limit": "rnnviz.bench.credit_map_limit",
    "weight-contributions": "rnnviz.bench.weight_contributions",
    "scaling": "rnnviz.bench.scaling",
    "training": "rnnviz.bench.training",
    "start": "rnnviz.bench.start",
    "frames": "rnnviz.bench.frames",
    "frames-compare": "rnnviz.bench.frames_compare",
    "keystroke": "rnnviz.bench.keystroke",
    "idle": "rnnviz.bench.idle",
    "memory": "rnnviz.bench.memory",
}

BY_NAME_ONLY = frozenset({"scaling"})
"""Tables that take minutes and have no target of their own: run only when named."""
