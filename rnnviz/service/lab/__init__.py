"""The gradient laboratory on the engine's side: one file an experiment, one line here."""

from __future__ import annotations

from rnnviz.service.lab import chain, evidence, health, movie, rivals, spectrum
from rnnviz.service.lab.base import Experiment, Laboratory

EXPERIMENTS: tuple[Experiment, ...] = (
    *chain.EXPERIMENTS,
    *spectrum.EXPERIMENTS,
    *movie.EXPERIMENTS,
    *evidence.EXPERIMENTS,
    *health.EXPERIMENTS,
    *rivals.EXPERIMENTS,
)

__all__ = ["EXPERIMENTS", "Experiment", "Laboratory"]
