"""The numbers of a trace as colours: computed once per trace and theme, never per frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view.colormaps import NOT_FINITE
from rnnviz.view.heat import heat_image, heat_indices
from rnnviz.view.scales import round_up

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QImage

    from rnnviz.service.messages import LayerArrays, Unrolled
    from rnnviz.view.look import Look


class LayerImages:
    """One layer: the columns of squares a cell shows (c before h), as colours and as images."""

    def __init__(self, layer: LayerArrays, table: NDArray[np.uint32], level: float) -> None:
        self.name = layer.name
        self._table = table
        self.parts: list[tuple[str, NDArray[np.float32], float]] = []
        if layer.cell is not None:
            self.parts.append(("c", layer.cell, level))
        self.parts.append(("h", layer.hidden, hidden_level(layer.hidden)))
        self._colours: dict[int, NDArray[np.uint32]] = {}
        self._images: dict[int, QImage] = {}
        self._bad = [self._not_finite(values) for _, values, _ in self.parts]

    @staticmethod
    def _not_finite(values: NDArray[np.float32]) -> NDArray[np.bool_] | None:
        bad = ~np.isfinite(values)
        return bad if bad.any() else None

    def bad(self, part: int) -> NDArray[np.bool_] | None:
        """(T, H) where column ``part`` is not finite; None when all of it is."""
        return self._bad[part]

    def colours(self, part: int) -> NDArray[np.uint32]:
        """(T, H) packed colours of column ``part``."""
        if part not in self._colours:
            _, values, level = self.parts[part]
            self._colours[part] = self._table[heat_indices(values, -level, level)]
        return self._colours[part]

    def image(self, part: int) -> QImage:
        """The heat map of column ``part``: H rows, one pixel per time step."""
        if part not in self._images:
            _, values, level = self.parts[part]
            self._images[part] = heat_image(np.ascontiguousarray(values.T), self._table, -level, level)
        return self._images[part]

    def value(self, part: int, step: int, unit: int) -> float:
        """The number behind a square; NaN outside the trace."""
        values = self.parts[part][1]
        inside = 0 < step <= values.shape[0] and 0 <= unit < values.shape[1]
        return float(values[step - 1, unit]) if inside else float("nan")


def hidden_level(hidden: NDArray[np.float32]) -> float:
    """±1 for bounded activations; relu and identity states get a rounded limit of their own."""
    if not hidden.size:
        return 1.0
    finite = hidden[np.isfinite(hidden)]
    if not finite.size or np.abs(finite).max() <= 1.0 + 1e-6:
        return 1.0
    return round_up(float(np.percentile(np.abs(finite), 99)))


class TraceImages:
    """All layers of one trace in one theme, and the thumbnails of its weights."""

    def __init__(self, trace: Unrolled, look: Look, level: float) -> None:
        table = np.array(look.lut("signed"))
        table[NOT_FINITE] = look.theme.panel.rgba()  # paper under the hatch
        self.trace = trace
        self.theme = look.theme.name
        self.cell_level = level
        self.layers = {layer.name: LayerImages(layer, table, level) for layer in trace.layers}
        #: another number for other weights: an edit of the text leaves their pictures as they are
        self.weights = hash(tuple((name, block.shape, block.tobytes()) for name, block in trace.thumbnails.items()))
        self.thumbnails = {name: _weight_image(block, table) for name, block in trace.thumbnails.items() if block.size}

    def fits(self, trace: Unrolled, look: Look) -> bool:
        """Whether these images still show ``trace`` in this theme."""
        return self.trace is trace and self.theme == look.theme.name


def _weight_image(block: NDArray[np.float32], table: NDArray[np.uint32]) -> QImage:
    # Weights: ±0.8 of the largest one (visual.md, section 2), so that one outlier does not blank the rest.
    finite = np.abs(block[np.isfinite(block)])
    limit = max(1e-6, 0.8 * float(finite.max())) if finite.size else 1.0
    return heat_image(np.atleast_2d(block), table, -limit, limit)
