"""What is under the pointer in a column, in words and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view import math_text
from rnnviz.view.compare.geometry import BAR_TOP
from rnnviz.view.compare.scene import share_words
from rnnviz.view.scales import LOG10_OF_2

if TYPE_CHECKING:
    from rnnviz.service.messages import ComparedModel
    from rnnviz.view.compare.geometry import Geometry
    from rnnviz.view.compare.scene import Scene

LOSSES = "Training loss of all models on the same batches.\nThis model's line is the thick one."


def tip_at(scene: Scene, index: int, geometry: Geometry, x: float, y: float) -> str:
    """The tip at a place of the column of model ``index``; '' for nothing."""
    model, step, row = scene.models[index], geometry.step_at(x), geometry.row_of(y)
    if y < geometry.flag_top:
        above_bar = y < BAR_TOP * geometry.scale
        return model.failure if model.failure and above_bar else _tip_of_horizon(scene, ahead=scene.ahead(index))
    if geometry.losses.contains(x, y):
        return LOSSES
    if row:
        return _tip_of_map(model, row, step) if step > 0 and geometry.reaches(row, step) else ""
    return _tip_of_curves(scene, step) if step > 0 and y < geometry.plot.bottom() else ""


def _tip_of_horizon(scene: Scene, *, ahead: bool) -> str:
    needed = f"\nThe mark: the task needs {scene.needed}." if scene.needed else ""
    way, sign = ("ahead", "+") if ahead else ("back", "-")
    formula = math_text.plain(f"k = max {{ k : ‖∂C_τ/∂h_{{τ{sign}j}}‖ ≥ θ ‖∂C_τ/∂h_τ‖ for all j ≤ k }}")
    return (
        f"Memory horizon: so many steps {way} the gradient keeps the threshold without a gap.\n"
        f"H changes the threshold between 1 % and 10 %.{needed}\n{formula}"
    )


def _tip_of_curves(scene: Scene, step: int) -> str:
    """The shares of all models at ``step``."""
    pairs = zip(scene.titles, scene.shares, strict=True)
    lines = [f"{title}: {share_words(float(share[step - 1]))}" for title, share in pairs if step <= len(share)]
    formula = math_text.plain(f"‖∂C_{{{scene.loss_step}}}/∂h_{{{step}}}‖ as a share of its start")
    return "\n".join([f"Step {step}, {formula}.", *lines])


def _tip_of_map(model: ComparedModel, row: int, step: int) -> str:
    if not len(model.rows):
        return ""
    place = min(int(np.searchsorted(model.rows, row)), len(model.rows) - 1)
    tau = int(model.rows[place])
    own, here = float(model.credit[place, tau - 1]), float(model.credit[place, step - 1])
    words = share_words(LOG10_OF_2 * (here - own)) if np.isfinite(own) and np.isfinite(here) else "nothing"
    return f"The loss of t = {tau} at step {step}: {words} of its start.\nA click chooses this loss in all models."
