"""The notations of the lectures. No Qt here but in ``control``, which keeps the window in step with the choice."""

from __future__ import annotations

from rnnviz.view.notation.conventions import CONVENTIONS, DEFAULT, KEYS, TITLES, Convention, convention
from rnnviz.view.notation.notation import Notation

__all__ = ["CONVENTIONS", "DEFAULT", "KEYS", "TITLES", "Convention", "Notation", "convention"]
