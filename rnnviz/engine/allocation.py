"""How the process treats memory that arrays have given back."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
KEPT = 64 * 2**20
LARGEST = 32 * 2**20


def keep_freed_memory() -> bool:
    """Let the C library keep up to 64 MB that arrays have freed; False where it cannot be told.

    A trace and its sweep make and drop some ten arrays of about a megabyte. glibc would give each back to the
    system and take it page by page again: 4 of 28 ms of an LSTM's gradient over 1,000 steps. Arrays from 32 MB on
    still go back at once.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGEST)) and bool(mallopt(_M_TRIM_THRESHOLD, KEPT))
