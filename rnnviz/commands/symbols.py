"""What each array of an archive is called in one of the notations: the labels that an export carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.cells import get_cell
from rnnviz.engine.network import layer_names, weight_suffix
from rnnviz.view.layer_names import ahead, chain_mark, is_reverse
from rnnviz.view.notation import Notation
from rnnviz.view.notation.primes import primed, raised, raised_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rnnviz.commands.archive import Arrays
    from rnnviz.engine.spec import ModelSpec

_WHOLE = {"inputs": "x_t", "loss": "C_t"}
_OF_CHAIN = {"hidden": "h_t", "cell": "c_t", "preactivation": "a_t"}
_NORMS = {
    "log2_total": ("log₂ ‖∂C_τ / ∂{state}‖", ""),
    "log2_direct": ("log₂ ‖∂C_t / ∂{state}‖", "h"),
    "log2_summed": ("log₂ ‖∂C / ∂{state}‖", "joint"),
    "jacobian_norm": ("‖∂{state} / ∂{before}‖", "joint"),
}
"""The formula of each norm, and of which part of the state it is; '' where ``--part`` says so."""


def with_symbols(arrays: Arrays, model: ModelSpec, key: str, part: str = "joint") -> Arrays:
    """``arrays`` and one more, ``symbols`` (K, 2): the names of those that have a symbol, and the symbol in ``key``.

    A matrix is kept as PyTorch keeps it; where a notation multiplies rows by matrices its symbol is that of the
    transpose. Gates that lie one below the other in one array are named in their order. In a network of several
    chains each symbol has the raised number and arrow of its chain, and a decoder's weights have a prime.
    """
    symbols = _Symbols(Notation(key, model.cell, model.activation), model, part)
    rows = [(name, symbol) for name in arrays if (symbol := symbols.of(name))]
    return arrays | {"symbols": np.array(rows, dtype=np.str_).reshape(-1, 2)}


class _Symbols:
    """The symbols of one network in one notation."""

    def __init__(self, notation: Notation, model: ModelSpec, part: str) -> None:
        self._notation, self._model, self._part = notation, model, part
        self._names = layer_names(model)
        cell = get_cell(model.cell)
        self._gates = cell.gates[: cell.gate_multiple] if cell.gate_multiple > 1 else ("h",)

    def of(self, name: str) -> str:
        """The symbol of one array; '' where it has none."""
        group, _, own = name.partition("/")
        if name in _WHOLE:
            return _plain([self._notation.translate(_WHOLE[name])])
        if name == "logits":
            return _plain([self._read_out()])
        if group == "weights":
            return self._weight(own)
        if group == "grad":
            return "; ".join(f"∂C / ∂{each}" for each in self._weight(own).split("; ") if each)
        return _plain([self._of_chain(group, own)]) if group in self._names else ""

    # ---- what each chain has -----------------------------------------------------------------

    def _of_chain(self, chain: str, own: str) -> str:
        mark = chain_mark(chain, self._names)
        if own in _NORMS:
            return self._norm(chain, own)
        if own == "weight_contribution":
            weight = raised(self._notation.weight("hh"), mark)
            return f"‖∂C / ∂{weight}‖_t"
        if own in _OF_CHAIN or len(own) == 1:
            return raised_state(self._notation.translate(_OF_CHAIN.get(own, f"{own}_t")), mark)
        return ""

    def _norm(self, chain: str, own: str) -> str:
        formula, part = _NORMS[own]
        now, before = self._state(chain, "t", part), self._state(chain, "t-1", part)
        before = ahead(before) if is_reverse(chain) else before
        return self._notation.translate(formula).replace("{state}", now).replace("{before}", before)

    def _state(self, chain: str, step: str, part: str) -> str:
        """The state of a chain, or the part of it that the numbers are of."""
        part = part or self._part
        notation, joint = self._notation, part == "joint" and self._model.cell == "lstm"
        symbol = notation.state(step) if joint else notation.timed("c" if part == "c" else "h", step)
        return raised_state(symbol, chain_mark(chain, self._names))

    # ---- weights -----------------------------------------------------------------------------

    def _read_out(self) -> str:
        """``W_{hy} h_t + b_y``: both directions of the last layer are read as one vector."""
        notation, last = self._notation, self._names[-2:] if self._model.bidirectional else self._names[-1:]
        states = "; ".join(self._state(chain, "t", "h") for chain in last)
        read, weight = f"({states})" if len(last) > 1 else states, notation.weight("hy")
        product = f"{read} {weight}" if notation.convention.rows else f"{weight} {read}"
        return f"{product} + {notation.bias('y')}"

    def _weight(self, name: str) -> str:
        notation, turned = self._notation, "ᵀ" if self._notation.convention.rows else ""
        if name in {"embedding.weight", "readout.bias"}:
            return _plain([notation.bias("y") if name == "readout.bias" else "E"])
        if name == "readout.weight":
            return _plain([notation.weight("hy")], turned)
        kind, _, rest = name.partition("_")
        letter, name_of = {"ih": "x", "hh": "h"}[rest[:2]], notation.weight if kind == "weight" else notation.bias
        symbols = [self._marked(name_of(f"{letter}{gate}"), rest[2:]) for gate in self._gates]
        return _plain(symbols, turned if kind == "weight" else "")

    def _marked(self, symbol: str, suffix: str) -> str:
        """``symbol`` as that of the chain, or the decoder, whose weights' names end in ``suffix``."""
        ends = {weight_suffix(chain, decoder=own): (chain, own) for chain in self._names for own in (False, True)}
        chain, decoder = ends[suffix]
        return raised(primed(symbol) if decoder else symbol, chain_mark(chain, self._names))


def _plain(markups: Iterable[str], after: str = "") -> str:
    """Without the braces of the markup."""
    return "; ".join(markup.replace("{", "").replace("}", "").replace("-", "−") + after for markup in markups)
