"""Marks on what a formula names: a decoder's own parameters have a prime, those of one chain its raised number.

Both read formulas that are already in the notation in use. The read-out (``W_{hy}``, ``V``, ``b_y``) belongs to no
chain and is the same for encoder and decoder, so it is never marked.
"""

from __future__ import annotations

import re

_PARAMETER = r"(?<![A-Za-z_^{'])(?P<letter>[WUθb])"
_NOT_OUTPUT = r"(?![A-Za-z])(?!'?[_^]\{?(?:hy|y|out)(?![A-Za-z]))"
_OWN = re.compile(rf"{_PARAMETER}{_NOT_OUTPUT}(?!')|(?<![A-Za-z'])(?P<whole>R|LSTM|GRU)(?=\()")
_RAISED = re.compile(rf"{_PARAMETER}{_NOT_OUTPUT}(?P<prime>'?)(?:\^(?:\{{(?P<braced>[^{{}}]*)\}}|(?P<single>.)))?")
_STATE = re.compile(r"(?<![A-Za-z])([A-Za-z])(?=[_(])")


def primed(formula: str) -> str:
    """``formula`` with its weights and biases, or the function of a whole step, marked as a decoder's own."""
    return _OWN.sub(r"\g<0>'", formula)


def raised(formula: str, mark: str) -> str:
    """The parameters of ``formula`` with the ``mark`` of their chain: ``W_{hh}`` -> ``W^{2←}_{hh}``."""

    def put(found: re.Match[str]) -> str:
        inside = found["braced"] or found["single"]
        return f"{found['letter']}{found['prime']}^{{{f'{inside},' if inside else ''}{mark}}}"

    return _RAISED.sub(put, formula) if mark else formula


def raised_state(symbol: str, mark: str) -> str:
    """The states of ``symbol`` with the ``mark`` of their chain: ``(h_t, c_t)`` -> ``(h^{2←}_t, c^{2←}_t)``."""
    return _STATE.sub(rf"\1^{{{mark}}}", symbol) if mark else symbol
