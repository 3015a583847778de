"""CPU time and resident memory of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    import psutil


def _process(number: int) -> psutil.Process:
    try:
        import psutil
    except ImportError:
        raise SpecError("This benchmark needs psutil; install it with pip.") from None
    return psutil.Process(number)


def cpu_seconds(number: int) -> float:
    """User and system time of process ``number`` so far."""
    times = _process(number).cpu_times()
    return float(times.user + times.system)


def resident_mb(number: int) -> float:
    """Resident memory of process ``number`` in megabytes (10⁶ bytes)."""
    return float(_process(number).memory_info().rss) / 1e6
