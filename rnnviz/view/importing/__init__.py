"""Data of the user's own: choose a file, see what was understood of it, learn it."""

from __future__ import annotations
