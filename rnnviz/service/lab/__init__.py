"""The gradient laboratory on the engine's side: one file an experiment, one line here."""

from __future__ import annotations

from rnnviz.service.lab import (
    chain,
    confusion,
    embedding,
    evidence,
    forecast,
    generate,
    health,
    lengths,
    movie,
    preview,
    probe,
    rivals,
    sharing,
    spectrum,
)
from rnnviz.service.lab.base import Experiment, Laboratory

EXPERIMENTS: tuple[Experiment, ...] = (
    *chain.EXPERIMENTS,
    *spectrum.EXPERIMENTS,
    *movie.EXPERIMENTS,
    *evidence.EXPERIMENTS,
    *health.EXPERIMENTS,
    *rivals.EXPERIMENTS,
    *sharing.EXPERIMENTS,
    *probe.EXPERIMENTS,
    *lengths.EXPERIMENTS,
    *generate.EXPERIMENTS,
    *embedding.EXPERIMENTS,
    *forecast.EXPERIMENTS,
    *preview.EXPERIMENTS,
    *confusion.EXPERIMENTS,
)

__all__ = ["EXPERIMENTS", "Experiment", "Laboratory"]
