"""The panels beside the stage: one line each, in the order of their tabs; cards stand below the tabs."""

from __future__ import annotations

from rnnviz.view.panels import (
    breakpoints,
    chain,
    confusion,
    embedding,
    forecast,
    generate,
    health,
    inspector,
    lengths,
    model_settings,
    movie,
    probe,
    proof,
    remedies,
    remedies_horizon_panel,
    sharing,
    spectrum,
    training_card,
    watch,
)
from rnnviz.view.panels.base import Panel, PanelEntry

PANELS: tuple[PanelEntry, ...] = (
    inspector.ENTRY,
    watch.ENTRY,
    breakpoints.ENTRY,
    model_settings.ENTRY,
    movie.ENTRY,
    chain.ENTRY,
    spectrum.ENTRY,
    remedies.ENTRY,
    remedies_horizon_panel.ENTRY,
    health.ENTRY,
    sharing.ENTRY,
    probe.ENTRY,
    lengths.ENTRY,
    confusion.ENTRY,
    generate.ENTRY,
    forecast.ENTRY,
    embedding.ENTRY,
    proof.ENTRY,
    training_card.ENTRY,
)

__all__ = ["PANELS", "Panel", "PanelEntry"]
