"""From the lecture's markup, in which the program writes all its formulas, to the notation that the user has chosen.

The lecture's markup is the source language: ``h_t``, ``W_{xf} x_t + W_{hf} h_{t-1} + b_f``, ``∂C_{13} / ∂h_t``. One
pass finds, longest first, the weighted sum of a gate, a product of weight and vector, the joint state, and single
symbols. Translating twice changes nothing more, so that a text may pass here on several ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rnnviz.view.notation.conventions import DEFAULT, Convention, convention
from rnnviz.view.notation.primes import primed

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = re.compile(
    r"W_\{(?P<transposed>x.|h.)\}\^T"
    r"|W_\{x(?P<gate>.)\} x_t \+ W_\{h(?P=gate)\} h_\{t-1\} \+ b_(?P=gate)(?![A-Za-z{])"
    r"|W_\{(?P<weight>x.|h.)\} (?P<vector>x_t|h_t|h_\{t-1\})"
    r"|\(h_(?P<both>\{[^{}]*\}|\w), c_(?P=both)\)|\((?P<pair>h, c)\)(?:_(?P<joint>\{[^{}]*\}|\w))?"
    r"|(?<![A-Za-z])W(?P<own>'?)_(?P<bare>[xh][hyifgorzn])(?![A-Za-z])"
    r"|∂C ?/ ?∂W(?![_^A-Za-z])|W ← W − η(?: dW)?"
    r"|(?<![A-Za-zα-ω'])(?P<base>[A-Za-zŷ])(?P<prime>'?)_"
    r"(?:\{(?P<braced>[^{}]*)\}|(?P<single>[A-Za-zα-ω]|\d+)(?![A-Za-z0-9]))"
)
_TIMED = frozenset("hcsxyŷaeCJfiogrzn")
_BIASES = frozenset(("h", "y", "xn", "hn", *"fiogrz"))
_STATE = re.compile(r"h_t = (tanh|relu|σ|)\(?W_\{xh\} x_t \+ W_\{hh\} h_\{t-1\} \+ b_h\)?")
_SLOT = re.compile(r"\{(h|x|act|cell)\}")
_FUNCTION = {"tanh": "tanh", "relu": "relu", "sigmoid": "σ", "identity": ""}
_ONE_STEP = "h_t = f(h_{t-1}, x_t; θ)"
_START = "h_0 = 0"
_CELLS = {"lstm": "LSTM", "gru": "GRU"}
WEIGHT_NAMES = ("W_{xh}", "W_{hh}", "W_{hy}")
BIAS_NAMES = ("b_h", "b_y", "b")


def subscript(base: str, index: str) -> str:
    """``base_index`` with braces where the markup needs them."""
    return f"{base}_{index}" if len(index) == 1 else f"{base}_{{{index}}}"


@dataclass(frozen=True)
class Notation:
    """One of the notations for one network.

    ``sizes`` holds the shapes of the parameters under the lecture's names (``W_{xh}``, ``W_{hh}``, ``W_{hy}``, ``b_h``,
    ``b_y``) as PyTorch keeps them, (rows of the result, columns); ``shapes`` says whether labels show them.
    """

    key: str = DEFAULT
    cell: str = "elman"
    activation: str = "tanh"
    shapes: bool = False
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)

    @cached_property
    def convention(self) -> Convention:
        """The tables behind it."""
        return convention(self.key)

    @property
    def title(self) -> str:
        """Its name on screen."""
        return self.convention.title

    @property
    def name(self) -> str:
        """The same inside a sentence: lower case, but for proper names and letters."""
        return self.title if self.key in {"uvw", "pytorch"} else self.title.lower()

    @property
    def silent(self) -> bool:
        """Whether everything is drawn as the program writes it."""
        return self.convention.key == DEFAULT and not self.shapes

    def translate(self, markup: str) -> str:
        """``markup`` of the lecture in this notation."""
        if self.silent:
            return markup
        if markup in WEIGHT_NAMES or markup in BIAS_NAMES:
            return self._label(markup)
        if self.convention.key == DEFAULT:
            return markup
        if self.cell != "elman" and _STATE.fullmatch(markup):
            return replace(self, cell="elman").translate(markup)  # the formula of that cell, whichever is in use
        return self._whole(markup) or self._prefixed(markup, _PARTS.sub(self._part, markup))

    # ---- single symbols ----------------------------------------------------------------------

    def timed(self, letter: str, index: str) -> str:
        """A quantity at one time step: ``h_t``, ``h(t)``, ``s_t``, ``A_t``."""
        base = self._letter(letter)
        return f"{base}({index})" if self.convention.functional else subscript(base, index)

    def _letter(self, letter: str) -> str:
        if letter == "h" and self._split_state:
            return "h"
        return self.convention.letters.get(letter, letter)

    @property
    def _split_state(self) -> bool:
        """With R and O the state s of an LSTM is h and c together: each alone keeps its own letter."""
        return self.cell == "lstm" and bool(self.convention.joint) and "h" in self.convention.letters

    def state(self, index: str) -> str:
        """The whole state that one step hands to the next; for an LSTM h and c together."""
        if self.cell != "lstm":
            return self.timed("h", index)
        if self.convention.joint:
            joint = self.convention.joint
            return f"{joint}({index})" if self.convention.functional else subscript(joint, index)
        return f"({self.timed('h', index)}, {self.timed('c', index)})"

    def _joint(self, index: str) -> str:
        if self.convention.joint or self.convention.functional:
            return replace(self, cell="lstm").state(index)
        return subscript(f"({self._letter('h')}, c)", index)

    def step(self, before: str, read: str, *, decoder: bool = False) -> str:
        """One whole step, ``R(s_{t-1}, x_t)``: the state after ``before`` when ``read`` comes in.

        That of a ``decoder`` has a prime at its parameters, or at the function's name where none is written.
        """
        template = self.convention.step if self.cell == "elman" else self.convention.step_gated
        if decoder:
            own = primed(template)
            template = own if own != template else template.replace("(", "'(", 1)
        act = _FUNCTION.get(self.activation, self.activation)
        words = {"h": before, "x": read, "act": act, "cell": _CELLS.get(self.cell, self.cell)}
        return _SLOT.sub(lambda slot: words[slot[1]], template)

    def weight(self, which: str) -> str:
        """The parameter that the lecture calls ``W_{which}``: "xh", "hh", "hy", or "xf" for one gate."""
        weights = self.convention.weights
        if which == "hy":
            return weights.output
        whole, gate = (weights.input, weights.input_gate) if which[0] == "x" else (
            weights.recurrent, weights.recurrent_gate)  # fmt: skip
        return self._filled(whole if self._is_whole(which[1]) else gate, which[1])

    def bias(self, which: str) -> str:
        """The bias that the lecture calls ``b_which``: "h", "y", "f" for a gate, "xn" and "hn" for the GRU's two."""
        weights = self.convention.weights
        if which == "y":
            return weights.bias_output
        if len(which) == 2:
            return self._filled(weights.bias_input if which[0] == "x" else weights.bias_recurrent, which[1])
        return self._filled(weights.bias if self._is_whole(which) else weights.bias_gate, which)

    def _is_whole(self, gate: str) -> bool:
        return gate == "h" or (gate == "·" and self.cell == "elman")

    def _filled(self, template: str, gate: str) -> str:
        return template.replace("§", gate).replace("@", self._letter("h"))

    # ---- labels ------------------------------------------------------------------------------

    def _label(self, name: str) -> str:
        if name == "b":
            text = "b" if self.convention.key == DEFAULT else self.bias("·")
        elif name.startswith("b"):
            text = self.bias(name[2:])
        else:
            text = self.weight(name[3:-1])
        size = self.sizes.get("b_h" if name == "b" else name, ())
        if not size or not (self.shapes or self.convention.always_shapes):
            return text
        return f"{text} {self.shape_text(size)}"

    def shape_text(self, size: tuple[int, ...]) -> str:
        """``size`` (as PyTorch keeps it) as this notation counts: rows times X have (d, units)."""
        numbers = tuple(reversed(size)) if self.convention.rows else size
        return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"

    # ---- formulas ----------------------------------------------------------------------------

    def _whole(self, markup: str) -> str:
        if markup in {"h", "x", "h, c"}:
            return markup.replace(markup[0], self._letter(markup[0]), 1)
        if markup == _ONE_STEP:
            return f"{self.state('t')} = {self.step(self.state('t-1'), self.timed('x', 't'))}"
        if markup == _START:
            return f"{self.state('0') if self.convention.joint else self.timed('h', '0')} = 0"
        return ""

    def _prefixed(self, markup: str, text: str) -> str:
        """``text`` with the abstract form in front where the notation has one: ``y_t = O(s_t) = softmax(...)``."""
        known = self.convention
        if known.state_prefix and _STATE.fullmatch(markup):
            return self._inserted(text, self.step(self.state("t-1"), self.timed("x", "t")))
        if known.output_prefix and markup.startswith("y_t = ") and "W_{hy}" in markup:
            read = self.state("t") if known.joint else self.timed("h", "t")
            return self._inserted(text, f"{known.output_prefix}({read})")
        if known.loss_prefix and markup.startswith("C_t = ") and not markup.startswith(f"C_t = {known.loss_prefix}"):
            return self._inserted(text, known.loss_prefix)
        return text

    @staticmethod
    def _inserted(text: str, form: str) -> str:
        left, _, right = text.partition(" = ")
        return f"{left} = {form} = {right}"

    def _part(self, found: re.Match[str]) -> str:
        if transposed := found["transposed"]:  # numbers in rows have the matrix the other way round anyway
            return self.weight(transposed) + ("" if self.convention.rows else "^T")
        if gate := found["gate"]:
            return self._sum(gate)
        if weight := found["weight"]:
            letter, index = found["vector"][0], found["vector"][2:].strip("{}")
            return self._product(self.weight(weight), self.timed(letter, index))
        if both := found["both"]:
            return replace(self, cell="lstm").state(both.strip("{}"))
        if joint := found["joint"]:
            return self._joint(joint.strip("{}"))
        if found["pair"]:
            return f"({self._letter('h')}, c)"
        if bare := found["bare"]:  # as sentences have it
            return primed(self.weight(bare)) if found["own"] else self.weight(bare)
        if base := found["base"]:
            return self._marked(found, base, found["braced"] or found["single"])
        return found[0].replace("W", self.convention.weights.everything)

    def _marked(self, found: re.Match[str], base: str, index: str) -> str:
        if not found["prime"]:
            return self._symbol(found[0], base, index)
        return primed(self._symbol(found[0].replace("'", "", 1), base, index)) if base in "Wb" else found[0]

    def _symbol(self, markup: str, base: str, index: str) -> str:
        if base in _TIMED:
            return self.timed(base, index)
        if base == "W" and index[0] == "(":
            return subscript(self.convention.weights.everything, index)
        if base == "W" and (index == "hy" or (len(index) == 2 and index[0] in "xh")):
            return self.weight(index)
        if base == "b" and index in _BIASES:
            return self.bias(index)
        return markup

    def _product(self, weight: str, vector: str) -> str:
        return f"{vector} {weight}" if self.convention.rows else f"{weight} {vector}"

    def _sum(self, gate: str) -> str:
        """``W_{xf} x_t + W_{hf} h_{t-1} + b_f`` of gate f; gate "h" is the Elman cell's only one."""
        read, state = self.timed("x", "t"), self.timed("h", "t-1")
        if self.convention.sum == "stacked":
            matrix = "W" if gate == "h" else f"W_{gate}"
            return f"{matrix} ({read}; {state}) + {self.bias(gate)}"
        first = self._product(self.weight(f"x{gate}"), read)
        second = self._product(self.weight(f"h{gate}"), state)
        if self.convention.sum == "two biases":
            return f"{first} + b_{{i{gate}}} + {second} + b_{{h{gate}}}"
        return f"{first} + {second} + {self.bias(gate)}"
