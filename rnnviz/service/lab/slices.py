"""Long rows of small results, made in slices: whoever is behind them in the engine's loop waits a moment at most."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

Result = TypeVar("Result")

SLICE_S = 0.004
"""A pause after so much work; one result of the largest network alone takes longer."""


def gathered(results: Iterable[Result]) -> Generator[None, None, list[Result]]:
    """All of ``results`` as a list, pausing (``yield``) whenever they have taken ``SLICE_S``."""
    found: list[Result] = []
    began = perf_counter()
    for each in results:
        found.append(each)
        if perf_counter() - began > SLICE_S:
            yield
            began = perf_counter()
    return found
