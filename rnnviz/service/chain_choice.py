"""Which chain of a network stands for the one that is selected, and which way its losses reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rnnviz.engine.spec import ModelSpec

Way = Literal["left", "right", "both"]


def chain_for(model: ModelSpec, wanted: str) -> str:
    """``wanted`` ("l1r"), or the nearest that ``model`` has: its last layer, or the same layer from left to right."""
    depth = min(int(wanted[1:].rstrip("r")), model.layers - 1)
    return f"l{depth}{'r' if wanted.endswith('r') and model.bidirectional else ''}"


def way_of(model: ModelSpec, chain: str) -> Way:
    """Where the loss of one step finds the states it depends on: before it, behind it, or on both sides.

    In a lower layer under both directions every loss reaches every step, by way of the chains above.
    """
    if model.bidirectional and int(chain[1:].rstrip("r")) < model.layers - 1:
        return "both"
    return "right" if chain.endswith("r") else "left"
