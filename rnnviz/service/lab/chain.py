"""See :mod:`rnnviz.service.messages.chain`."""

from __future__ import annotations

from rnnviz.service.lab.base import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
