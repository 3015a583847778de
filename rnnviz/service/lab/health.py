"""See :mod:`rnnviz.service.messages.health`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.engine.health import GATE_HIGH, GATE_LOW, STATE_LIMIT, health
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import CheckHealth, HealthChecked
from rnnviz.service.messages.health import GateReport, HealthReport

if TYPE_CHECKING:
    from rnnviz.engine.health import LayerHealth
    from rnnviz.service.lab.base import Laboratory


def _answer(laboratory: Laboratory, command: CheckHealth) -> HealthChecked:
    del command
    bench = laboratory.bench
    return HealthChecked(
        layers=[_report(layer) for layer in health(bench.trace)],
        steps=bench.length,
        gate_low=GATE_LOW,
        gate_high=GATE_HIGH,
        state_limit=STATE_LIMIT,
        training_step=bench.training_step,
        first_bad=laboratory.training.first_bad,
    )


def _report(layer: LayerHealth) -> HealthReport:
    gates = [GateReport(name=gate.name, kind=gate.kind, low=gate.low, high=gate.high) for gate in layer.gates]
    return HealthReport(name=layer.name, gates=gates, dead=layer.dead)


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="health", command=CheckHealth, answer=_answer),)
