"""The notations of the lectures as tables: what each calls the state, the weights, the sums and one whole step.

In the templates ``§`` stands for a gate (f, i, o, g, r, z, n; ``·`` for any of them) and ``@`` for the letter of the
state. ``{h}`` is the state before, ``{x}`` the input, ``{act}`` the activation's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Sum: TypeAlias = Literal["columns", "stacked", "two biases"]
DEFAULT = "lecture"


@dataclass(frozen=True)
class Weights:
    """Markup of the parameters: of the one set (Elman, or all gates together) and of one gate's part."""

    input: str
    input_gate: str
    recurrent: str
    recurrent_gate: str
    output: str
    bias: str
    bias_gate: str
    bias_input: str
    bias_recurrent: str
    bias_output: str
    everything: str = "W"


@dataclass(frozen=True)
class Convention:
    """One notation. ``functional``: h(t) instead of h_t; ``rows``: vectors are rows, so that X W, not W x."""

    key: str
    title: str
    source: str
    weights: Weights
    step: str
    step_gated: str
    functional: bool = False
    rows: bool = False
    sum: Sum = "columns"
    letters: dict[str, str] = field(default_factory=dict)
    joint: str = ""
    state_prefix: bool = False
    output_prefix: str = ""
    loss_prefix: str = ""
    always_shapes: bool = False


_LECTURE = Weights(
    input="W_{xh}", input_gate="W_{x§}", recurrent="W_{hh}", recurrent_gate="W_{h§}", output="W_{hy}",
    bias="b_h", bias_gate="b_§", bias_input="b_{x§}", bias_recurrent="b_{h§}", bias_output="b_y",
)  # fmt: skip

# Goodfellow's dynamical system has one set of parameters θ: what the others call W or b is a part of it. A bias is the
# weight of an input that is always 1, as the 0 says where two of them have to be told apart.
_DYNAMICAL = Weights(
    input="θ_{xh}", input_gate="θ_{x§}", recurrent="θ_{hh}", recurrent_gate="θ_{h§}", output="θ_{hy}",
    bias="θ_h", bias_gate="θ_§", bias_input="θ_{§0}", bias_recurrent="θ_{h§0}", bias_output="θ_y", everything="θ",
)  # fmt: skip

_ABSTRACT = Weights(
    input="W^x", input_gate="W^{x§}", recurrent="W^@", recurrent_gate="W^{@§}", output="W^y",
    bias="b", bias_gate="b^§", bias_input="b^{x§}", bias_recurrent="b^{@§}", bias_output="b^y",
)  # fmt: skip

# W (x; h) = W_x x + W_h h: the blocks of the one matrix have names for where they stand alone.
_STACKED = Weights(
    input="W_x", input_gate="W_{§x}", recurrent="W_h", recurrent_gate="W_{§h}", output="W_y",
    bias="b", bias_gate="b_§", bias_input="b_{§x}", bias_recurrent="b_{§h}", bias_output="b_y",
)  # fmt: skip

_LAYER = Weights(
    input="W_X", input_gate="W_{X§}", recurrent="W_A", recurrent_gate="W_{A§}", output="W_y",
    bias="b_A", bias_gate="b_§", bias_input="b_{X§}", bias_recurrent="b_{A§}", bias_output="b_y",
)  # fmt: skip

_UVW = Weights(
    input="U", input_gate="U_§", recurrent="W", recurrent_gate="W_§", output="V",
    bias="b", bias_gate="b_§", bias_input="b_{x§}", bias_recurrent="b_{h§}", bias_output="c",
)  # fmt: skip

_PYTORCH = Weights(
    input="W_{ih}", input_gate="W_{i§}", recurrent="W_{hh}", recurrent_gate="W_{h§}", output="W_{out}",
    bias="b_{ih} + b_{hh}", bias_gate="b_{i§} + b_{h§}", bias_input="b_{i§}", bias_recurrent="b_{h§}",
    bias_output="b_{out}",
)  # fmt: skip

CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        DEFAULT, "Lecture", "stacked vector with its matrix in two blocks, one for each rail", _LECTURE,
        step="f({h}, {x})", step_gated="f({h}, {x})",
    ),
    Convention(
        "dynamical", "Dynamical system", "after Goodfellow et al., chapter 10", _DYNAMICAL,
        step="f({h}, {x}; θ)", step_gated="f({h}, {x}; θ)", functional=True, joint="s", state_prefix=True,
    ),
    Convention(
        "abstract", "Abstract cell", "R makes the next state, O the output", _ABSTRACT,
        step="R({h}, {x})", step_gated="R({h}, {x})", letters={"h": "s"}, joint="s", state_prefix=True,
        output_prefix="O",
    ),
    Convention(
        "stacked", "Stacked vector", "one matrix times input over state", _STACKED,
        step="{act}(W ({x}; {h}) + b)", step_gated="f({x}; {h})", sum="stacked", output_prefix="F",
        loss_prefix="Loss(y_t, GT_t)",
    ),
    Convention(
        "layer", "Layer parameters", "rows of numbers times parameters, shapes shown", _LAYER,
        step="g({x} W_X + {h} W_A + b_A)", step_gated="g({h}, {x})", rows=True, letters={"h": "A", "x": "X"},
        always_shapes=True,
    ),
    Convention(
        "uvw", "U, W, V", "one letter for each matrix", _UVW,
        step="f(U {x} + W {h} + b)", step_gated="f({h}, {x})", functional=True,
    ),
    Convention(
        "pytorch", "PyTorch", "weight_ih, weight_hh and two biases, as in the debugger", _PYTORCH,
        step="{act}(W_{ih} {x} + b_{ih} + W_{hh} {h} + b_{hh})", step_gated="{cell}({x}, {h})", sum="two biases",
    ),
)  # fmt: skip

KEYS = tuple(convention.key for convention in CONVENTIONS)
TITLES = {convention.key: convention.title for convention in CONVENTIONS}


def convention(key: str) -> Convention:
    """The notation called ``key``; the lecture's where a later version's file names one that is not known here."""
    return next((known for known in CONVENTIONS if known.key == key), CONVENTIONS[0])
