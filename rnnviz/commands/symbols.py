"""What each array of an archive is called in one of the notations: the labels that an export carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.cells import get_cell
from rnnviz.view.notation import Notation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rnnviz.commands.archive import Arrays
    from rnnviz.engine.spec import ModelSpec

_STATES = {"hidden": "h_t", "cell": "c_t"}
_WHOLE = {"inputs": "x_t", "loss": "C_t", "weights/embedding.weight": "E", "weights/readout.bias": "b_y"}
_NORMS = {
    "log2_total": "log₂ ‖∂C_τ / ∂{state}‖",
    "log2_direct": "log₂ ‖∂C_t / ∂{state}‖",
    "log2_summed": "log₂ ‖∂C / ∂{state}‖",
    "jacobian_norm": "‖∂{state} / ∂{before}‖",
}


def with_symbols(arrays: Arrays, model: ModelSpec, key: str, part: str = "joint") -> Arrays:
    """``arrays`` and one more, ``symbols`` (K, 2): the names of those that have a symbol, and the symbol in ``key``.

    A matrix is kept as PyTorch keeps it; where a notation multiplies rows by matrices its symbol is that of the
    transpose. Gates that lie one below the other in one array are named in their order.
    """
    notation = Notation(key, model.cell, model.activation)
    rows = [(name, symbol) for name in arrays if (symbol := _symbol(name, notation, model, part))]
    return arrays | {"symbols": np.array(rows, dtype=np.str_).reshape(-1, 2)}


def _symbol(name: str, notation: Notation, model: ModelSpec, part: str) -> str:
    if name in _WHOLE:
        return _plain([notation.translate(_WHOLE[name])])
    group, _, own = name.partition("/")
    if group == "weights":
        return _weight(own, notation, model)
    if group == "grad":
        weight = _weight(own, notation, model) or _symbol(f"weights/{own}", notation, model, part)
        return "; ".join(f"∂C / ∂{each}" for each in weight.split("; ")) if weight else ""
    if own in _NORMS:
        lstm = model.cell == "lstm"
        state = "(h_{T}, c_{T})" if lstm and part == "joint" else "c_{T}" if lstm and part == "c" else "h_{T}"
        now, before = state.replace("{T}", "t"), state.replace("T", "t-1")
        markup = _NORMS[own].replace("{state}", now).replace("{before}", before)
        return _plain([notation.translate(markup)])
    if own in _STATES or len(own) == 1:
        return _plain([notation.translate(_STATES.get(own, f"{own}_t"))])
    return ""


def _weight(name: str, notation: Notation, model: ModelSpec) -> str:
    cell = get_cell(model.cell)
    gates = cell.gates[: cell.gate_multiple] if cell.gate_multiple > 1 else ("h",)
    turned = "ᵀ" if notation.convention.rows else ""
    if name == "readout.weight":
        return _plain([notation.weight("hy")], turned)
    if name == "readout.bias":
        return _plain([notation.bias("y")])
    kind, _, rest = name.partition("_")
    letter = {"ih": "x", "hh": "h"}.get(rest[:2], "")
    if not letter or kind not in {"weight", "bias"}:
        return ""
    if kind == "weight":
        return _plain([notation.weight(f"{letter}{gate}") for gate in gates], turned)
    return _plain([notation.bias(f"{letter}{gate}") for gate in gates])


def _plain(markups: Iterable[str], after: str = "") -> str:
    """Without the braces of the markup."""
    return "; ".join(markup.replace("{", "").replace("}", "").replace("-", "−") + after for markup in markups)
