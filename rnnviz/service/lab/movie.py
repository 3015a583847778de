"""See :mod:`rnnviz.service.messages.movie`."""

from __future__ import annotations

from rnnviz.service.lab.base import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
