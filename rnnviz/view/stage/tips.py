"""The sentences shown while the pointer rests on something."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.view import math_text
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.look import THIN, number, significant
from rnnviz.view.stage import chains, feedback, handover, movie, values
from rnnviz.view.stage.labels import display
from rnnviz.view.stage.outputs import guesses, loss_at

if TYPE_CHECKING:
    from rnnviz.view.stage.frame import Frame, Hit

_WEIGHTS = {
    "W_xh": "W_xh reads the token into the cell.",
    "W_hh": "W_hh carries the state to the next step.",
    "W_hy": "W_hy reads the output from the state.",
}


def tip(frame: Frame, hit: Hit, shapes: dict[str, list[int]]) -> str:
    """What to say about ``hit``; '' for nothing."""
    if hit.kind == "weight":
        return _weight(frame, hit, shapes)
    if hit.kind == "square":
        return _square(frame, hit)
    if hit.kind == "column" and frame.values is not None:
        return values.sentence(frame, hit.step)
    if hit.kind in ("loss", "output"):
        return _output(frame, hit)
    if hit.kind == "chip":
        return _chip(frame, hit.step)
    if hit.kind == "drawn":
        return _drawn(frame, hit.step)
    if hit.kind == "feedback":
        return feedback.words(frame, hit.step)
    if hit.kind == "boundary":
        return handover.tip()
    if hit.kind == "cell":
        whose = chains.whose_words(frame, hit.name)
        return f"Copy {hit.step} of the cell{whose}. Double-click to see inside." + _gradient(frame, hit.name, hit.step)
    if hit.kind == "zoom":
        return {"far": "The whole text as one heat map.", "steps": "One copy of the cell per step.",
                "inside": "Every operation of one copy."}[hit.name]  # fmt: skip
    return "Show the next layer. [Shift+Down]" if hit.kind == "layer" else ""


def _weight(frame: Frame, hit: Hit, shapes: dict[str, list[int]]) -> str:
    names = {"W_xh": "weight_ih_l0", "W_hh": "weight_hh_l0", "W_hy": "readout.weight"}
    own = hit.name in handover.OWN and frame.wiring.decodes(hit.step)
    size = shapes.get(names[hit.name] + ("_decoder" if own else ""), [])
    shape = f"{' × '.join(map(str, size))} numbers, " if size else ""
    times = f"one matrix, used {_uses(frame, hit.name, own=own)} times."
    if not own:
        return f"{math_text.plain(_WEIGHTS[hit.name])}\n{shape}{times}"
    words = math_text.plain(handover.markup(hit.name, own=True)) + _WEIGHTS[hit.name].removeprefix(hit.name)
    return f"{words[:-1]}, with the decoder's own weights.\n{shape}{times}"


def _uses(frame: Frame, name: str, *, own: bool) -> int:
    """How many copies use a matrix."""
    if name == "W_hy":
        return sum(frame.answers(step) for step in range(1, frame.length + 1))
    if own:
        return frame.length - frame.wiring.switch
    return frame.wiring.switch or frame.length


def _square(frame: Frame, hit: Hit) -> str:
    layer = frame.layer(hit.name)
    if layer is None or hit.step > frame.valid:
        return f"Step {hit.step}: not computed yet."
    symbol, _, level = layer.parts[hit.part]
    value = layer.value(hit.part, hit.step, hit.unit)
    token = display(frame.tokens[hit.step - 1])
    whose = chains.whose_words(frame, hit.name)
    text = f"{math_text.plain(symbol)} of unit {hit.unit + 1}{whose} = {number(value, 3)}"
    text += f"\nstep {hit.step}, token “{token}”"
    if math.isfinite(value) and abs(value) > level:
        text += f"\nbeyond the colour limit ±{level:g}"
    if is_reverse(hit.name):
        text += "\nread from the end, before the first output"
    elif not frame.computed(hit.step):
        text += "\nfrom the last full pass"
    return text + _gradient(frame, hit.name, hit.step)


def _gradient(frame: Frame, name: str, step: int) -> str:
    flow = frame.flow(name)
    if frame.movie is not None:
        return movie.edge_words(frame, name, step)
    if flow is None or not flow.reached(step, frame.time_step):
        return ""
    log2 = float(flow.log2[step - 1])
    norm = significant(2.0**log2) if log2 > -1000 else f"2^{log2:.0f}"
    symbol = math_text.plain(f"‖∂C_{{{flow.loss_step}}} / ∂h_{{{step}}}‖")
    return f"\n{symbol} = {norm}"


def _output(frame: Frame, hit: Hit) -> str:
    if frame.trace is None or not frame.computed(hit.step):
        return f"Step {hit.step}: not computed yet."
    loss = loss_at(frame, hit.step)
    if frame.values is not None:
        sends = ": click to send its gradient back" if loss == loss else ""
        return f"{values.sentence(frame, hit.step)}\n{values.error_words(frame.values, hit.step, loss)}{sends}"
    lines = [f"y after step {hit.step}:"]
    for label, probability, target in guesses(frame.trace, hit.step):
        mark = " (the right one)" if target else ""
        lines.append(f"{display(label)}  {number(100 * probability, 1)}{THIN}%{mark}")
    loss = loss_at(frame, hit.step)
    name = math_text.plain(f"C_{{{hit.step}}}")
    lines.append(
        f"loss {name} = {number(loss, 3)}: click to send its gradient back" if loss == loss else "no loss here"
    )
    return "\n".join(lines)


def _drawn(frame: Frame, step: int) -> str:
    token = display(frame.tokens[step - 1])
    if frame.wiring.fed(step):
        return feedback.words(frame, step)
    return f"Step {step} reads “{token}”, with which every answer begins.\nIt is no part of the text."


def _chip(frame: Frame, step: int) -> str:
    token = display(frame.tokens[step - 1])
    known = frame.trace is None or step > frame.valid or bool(frame.trace.known[step - 1])
    if not known and frame.values is not None:
        return f"“{token}” is no number; the network reads 0 instead.\nA comma, a semicolon or a space ends a number."
    if not known:
        return f"“{token}” is not in the vocabulary of this task; the network reads the unknown token instead."
    if frame.wiring.fed(step):
        return feedback.words(frame, step)
    return f"Step {step} reads “{token}”." if len(token) > 1 else ""


def source(frame: Frame, step: int) -> str:
    """Where the token of a step comes from, and whose copy reads it."""
    where = ", in the decoder" if frame.wiring.decodes(step) else ", in the encoder" if frame.wiring.switch else ""
    if not frame.wiring.fed(step):
        return where
    return f"{where}, the {'network’s own' if frame.wiring.own else 'wanted'} output of step {step - 1}"


def describe(frame: Frame) -> str:
    """The present step in one paragraph, for screen readers."""
    if not frame.tokens:
        return "No text yet. Type to unroll the network."
    if not frame.time_step:
        return f"{frame.length} steps, none computed yet."
    step = frame.time_step
    parts = [f"Step {step} of {frame.length}, reads {display(frame.tokens[step - 1])}{source(frame, step)}."]
    if frame.trace is not None and frame.computed(step) and frame.answers(step):
        found = guesses(frame.trace, step) if frame.values is None else []
        if frame.values is not None:
            parts.append(f"{values.sentence(frame, step).splitlines()[-1].capitalize()}.")
        if found:
            parts.append(f"Best guess {display(found[0][0])} with {100 * found[0][1]:.0f} percent.")
        loss = loss_at(frame, step)
        if loss == loss:
            parts.append(f"Loss {loss:.2f}.")
    if frame.backward and frame.movie is not None:
        parts.append(movie.spoken(frame))
    elif (flow := frame.chosen_flow) is not None:
        parts.append(f"Gradient of the loss at step {flow.loss_step}: {100 * flow.share(step):.1f} percent left.")
    return " ".join(parts)
