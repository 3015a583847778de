"""The inspector's rows for output and loss where numbers are answered: the numbers, and their squared error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view.look import number, significant
from rnnviz.view.panels.operation_rows import Row
from rnnviz.view.stage.values import values_of

if TYPE_CHECKING:
    from rnnviz.session.session import Session
    from rnnviz.view.stage.values import Values

EQUATION = "y_t = W_{hy} h_t + b_y"


def numbers_of(session: Session) -> Values | None:
    """The numbers of the trace on show."""
    trace = session.trace
    return values_of(trace.real, session.task, []) if trace is not None else None


def outcome_rows(session: Session, step: int) -> list[Row]:
    """A row for each output with what is wanted of it, and the loss; nothing where the step has no answer."""
    values, trace, task = numbers_of(session), session.trace, session.task
    if values is None or trace is None or task is None or not 1 <= step <= len(values.real.outputs):
        return []
    if task.pattern == "acceptor" and step < len(values.real.outputs):
        return []
    answers, wanted = values.real.outputs[step - 1], values.real.wanted[step - 1]
    limit = float(max(1e-9, np.nanmax(np.abs(np.concatenate((values.real.values.ravel(), answers))))))
    rows: list[Row] = []
    for name, answer, aim in zip(values.outputs, answers.tolist(), wanted.tolist(), strict=True):
        words = f"{name}, wanted {number(aim)}" if math.isfinite(aim) else f"{name}, nothing wanted"
        key = "output" if not rows else f"output {len(rows)}"
        rows.append(Row(key, "Output", EQUATION, words, answer, "signed", limit))
    loss = float(trace.loss[step - 1])
    if math.isfinite(loss):
        words = _loss_words(values, answers, wanted)
        rows.append(Row("loss", "Loss", _loss_equation(values), words, loss, "loss", 1.0))
    return rows


def _loss_equation(values: Values) -> str:
    over = "1/K ∑_k " if len(values.outputs) > 1 else ""
    unit = " / s^2" if values.real.scale != 1.0 else ""
    return f"C_t = {over}(y_t − ŷ_t)^2{unit}"


def _loss_words(values: Values, answers: np.ndarray, wanted: np.ndarray) -> str:
    pairs = zip(answers.tolist(), wanted.tolist(), strict=True)
    squares = " + ".join(f"({number(answer)} − {number(aim)})²" for answer, aim in pairs)
    share = f"1/{len(answers)} " if len(answers) > 1 else ""
    unit = f" / {significant(values.real.scale)}²" if values.real.scale != 1.0 else ""
    return f"{share}({squares}){unit}" if share else f"{squares}{unit}"


def value_at(session: Session, key: str, step: int) -> float:
    """The number of one of the rows at another step."""
    values, trace = numbers_of(session), session.trace
    if values is None or trace is None or not 1 <= step <= len(trace.loss):
        return math.nan
    if key == "loss":
        return float(trace.loss[step - 1])
    place = int(key.removeprefix("output") or 0)
    return float(values.real.outputs[step - 1, place])


def answer_words(session: Session, step: int) -> tuple[str, str] | None:
    """What is wanted of a step and what was answered, for the inspector's head; None where nothing is wanted."""
    values = numbers_of(session)
    if values is None or step > len(values.real.wanted) or not values.wants(step) or len(values.outputs) > 1:
        return None
    return values.wants(step), f"answered {values.answers(step)}"
