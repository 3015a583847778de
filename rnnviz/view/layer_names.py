"""What the layers and directions of a network are called, in words, beside a title and in formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.view.notation.primes import primed, raised_state

if TYPE_CHECKING:
    from collections.abc import Sequence

FORWARD, REVERSE = "→", "←"

__all__ = ["ahead", "chain_mark", "depth", "from_both_sides", "has_both", "is_reverse", "layer_mark", "layer_words",
           "primed", "recurrent_block", "state_symbol", "whose"]  # fmt: skip


def is_reverse(name: str) -> bool:
    """Whether ``name`` ("l0r") reads the text from its end."""
    return name.endswith("r")


def ahead(markup: str) -> str:
    """A formula of a chain that reads from the end: the state before step t is that of t + 1."""
    return markup.replace("t-1", "t+1").replace("t−1", "t+1")


def recurrent_block(name: str) -> str:
    """Markup of a gate's block of the recurrent weights; the name of a decoder's ends in a prime: ``f'``."""
    return f"W{chr(39) if name.endswith(chr(39)) else ''}_{{h{name.removesuffix(chr(39))}}}"


def depth(name: str) -> int:
    """The layer as people count: ``l0`` and ``l0r`` are layer 1."""
    return int("".join(letter for letter in name if letter.isdigit()) or 0) + 1


def has_both(names: Sequence[str]) -> bool:
    """Whether among ``names`` are chains of both directions."""
    return any(map(is_reverse, names))


def from_both_sides(name: str, names: Sequence[str]) -> bool:
    """Whether a loss comes to every step of ``name``: both directions of a layer above lead down to it."""
    return has_both(names) and depth(name) < max(map(depth, names))


def layer_words(name: str, names: Sequence[str]) -> str:
    """``l1r`` -> "layer 2, right to left"; without chains of both directions "layer 2"."""
    way = ", right to left" if is_reverse(name) else ", left to right" if has_both(names) else ""
    return f"layer {depth(name)}{way}"


def layer_mark(name: str, names: Sequence[str]) -> str:
    """``l1r`` -> "2 ←": the layer and the way its chain reads."""
    return f"{depth(name)}{_arrow(name, names, ' ')}"


def whose(name: str, names: Sequence[str]) -> str:
    """Words behind the number of a state: ", layer 2, right to left"; '' in a network of one chain."""
    return f", {layer_words(name, names)}" if len(names) > 1 else ""


def state_symbol(name: str, names: Sequence[str], letter: str = "h", step: str = "t") -> str:
    """Markup of a state of one chain in the notation in use, ``h^{2←}_t``; plain ``h_t`` in a network of one chain."""
    from rnnviz.view import math_text  # the command line uses the other names of this module without Qt

    return raised_state(math_text.notation().timed(letter, step), chain_mark(name, names))


def chain_mark(name: str, names: Sequence[str]) -> str:
    """What is raised at the symbols of one chain, ``2←``; '' in a network of one chain."""
    several = len({depth(each) for each in names}) > 1
    return f"{depth(name) if several else ''}{_arrow(name, names)}"


def _arrow(name: str, names: Sequence[str], before: str = "") -> str:
    return f"{before}{REVERSE if is_reverse(name) else FORWARD}" if has_both(names) else ""
