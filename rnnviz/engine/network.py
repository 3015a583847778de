"""A network: its spec and its weights as numpy arrays under PyTorch's own names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rnnviz.engine.cells import get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.initialisers import apply_initialiser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import DTypeLike, NDArray

    from rnnviz.engine.cells.base import FloatArray
    from rnnviz.engine.spec import ModelSpec

EMBEDDING = "embedding.weight"
READOUT_WEIGHT = "readout.weight"
READOUT_BIAS = "readout.bias"


class LayerWeights(NamedTuple):
    """The weights of one layer in one direction: ``a_t = W_ih x_t + b_ih + W_hh h_{t−1} + b_hh``."""

    ih: FloatArray
    hh: FloatArray
    bias_ih: FloatArray
    bias_hh: FloatArray


def weight_suffix(layer_name: str, *, decoder: bool = False) -> str:
    """PyTorch's suffix of a layer: ``l0`` gives ``_l0``, the reverse direction ``l0r`` gives ``_l0_reverse``.

    The weights that a decoder has for itself end in ``_l0_decoder``.
    """
    if decoder:
        return f"_{layer_name}_decoder"
    return f"_{layer_name[:-1]}_reverse" if layer_name.endswith("r") else f"_{layer_name}"


def layer_names(spec: ModelSpec) -> tuple[str, ...]:
    """The layers from the input up; a bidirectional layer gives two names (``l0``, ``l0r``)."""
    endings = ("", "r") if spec.bidirectional else ("",)
    return tuple(f"l{index}{ending}" for index in range(spec.layers) for ending in endings)


def weight_shapes(spec: ModelSpec, input_size: int, output_size: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight of such a network, in PyTorch's order."""
    directions = 2 if spec.bidirectional else 1
    rows = get_cell(spec.cell).gate_multiple * spec.hidden
    shapes: dict[str, tuple[int, ...]] = {}
    if spec.embedding:
        shapes[EMBEDDING] = (input_size, spec.embedding)
    for decoder in (False, True) if spec.decoder else (False,):
        for position, name in enumerate(layer_names(spec)):
            width = (spec.embedding or input_size) if position < directions else spec.hidden * directions
            suffix = weight_suffix(name, decoder=decoder)
            shapes[f"weight_ih{suffix}"] = (rows, width)
            shapes[f"weight_hh{suffix}"] = (rows, spec.hidden)
            shapes[f"bias_ih{suffix}"] = (rows,)
            shapes[f"bias_hh{suffix}"] = (rows,)
    shapes[READOUT_WEIGHT] = (output_size, spec.hidden * directions)
    shapes[READOUT_BIAS] = (output_size,)
    return shapes


def check_weights(spec: ModelSpec, input_size: int, output_size: int, weights: Mapping[str, NDArray[Any]]) -> None:
    """Raise SpecError unless ``weights`` are exactly the finite float arrays that the spec asks for."""
    if input_size < 1 or output_size < 1:
        raise SpecError(f"The network has {input_size} inputs and {output_size} outputs; give at least 1 of each.")
    expected = weight_shapes(spec, input_size, output_size)
    missing = [name for name in expected if name not in weights]
    if missing:
        raise SpecError(f"The weights lack {', '.join(missing)}; expected {', '.join(expected)}.")
    extra = [name for name in weights if name not in expected]
    if extra:
        raise SpecError(f"The weights hold {', '.join(extra)}, which this network does not have; leave them out.")
    for name, shape in expected.items():
        _check_array(name, weights[name], shape)
    kinds = {str(array.dtype) for array in weights.values()}
    if len(kinds) > 1:
        raise SpecError(f"The weights mix {' and '.join(sorted(kinds))}; give all of them in one type.")


def _check_array(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        hint = " (it looks transposed)" if array.shape == shape[::-1] else ""
        raise SpecError(f"{name} has the shape {array.shape}{hint}; expected {shape}.")
    if array.dtype not in (np.float32, np.float64):
        raise SpecError(f"{name} holds {array.dtype}; expected float32 or float64.")
    if not np.isfinite(array).all():
        raise SpecError(f"{name} holds NaN or infinite numbers; give finite weights.")


@dataclass(frozen=True, eq=False)
class Network:
    """A spec and its weights; immutable, so that a trace can be trusted to belong to it.

    ``input_size`` is the size of the input vocabulary (or the width D of real inputs), ``output_size``
    the number of classes V. The arrays are used, not copied: hand over arrays nobody writes to.
    """

    spec: ModelSpec
    input_size: int
    output_size: int
    weights: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        check_weights(self.spec, self.input_size, self.output_size, self.weights)
        object.__setattr__(self, "weights", MappingProxyType({k: _read_only(v) for k, v in self.weights.items()}))

    @property
    def directions(self) -> int:
        """1, or 2 for a bidirectional network."""
        return 2 if self.spec.bidirectional else 1

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """The layers from the input up: ``l0, l1`` or, bidirectional, ``l0, l0r, l1, l1r``."""
        return layer_names(self.spec)

    @property
    def parameter_count(self) -> int:
        """How many numbers training adjusts."""
        return sum(array.size for array in self.weights.values())

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64: the type everything derived from this network is computed in."""
        return self.weights[READOUT_BIAS].dtype

    def astype(self, dtype: DTypeLike) -> Network:
        """The same network with its weights in another float type (float64 for exact comparisons)."""
        weights = {name: array.astype(dtype) for name, array in self.weights.items()}
        return Network(self.spec, self.input_size, self.output_size, weights)

    def layer_weights(self, name: str, *, decoder: bool = False) -> LayerWeights:
        """The four arrays of the layer ``name`` (``l0``, ``l1r`` ...), or those that the decoder has in their place."""
        self.check_layer(name)
        suffix = weight_suffix(name, decoder=decoder)
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return LayerWeights(*(self.weights[kind + suffix] for kind in kinds))

    def check_layer(self, name: str) -> None:
        """Raise SpecError unless the network has a layer of this name."""
        if name not in self.layer_names:
            raise SpecError(f"There is no layer {name!r}; choose one of {', '.join(self.layer_names)}.")

    def encode(self, ids: NDArray[np.int64]) -> FloatArray:
        """Input vectors x (T, D) of token ids (T,): one-hot or embedding rows; id −1 gives a zero vector."""
        if ids.size and (ids.min() < -1 or ids.max() >= self.input_size):
            raise SpecError(f"The ids run from {ids.min()} to {ids.max()}; give 0 to {self.input_size - 1}, or -1.")
        known = ids >= 0
        if self.spec.embedding:
            return np.where(known[:, None], self.weights[EMBEDDING][np.where(known, ids, 0)], self.dtype.type(0))
        inputs = np.zeros((len(ids), self.input_size), self.dtype)
        inputs[known.nonzero()[0], ids[known]] = 1
        return inputs


def _read_only(array: FloatArray) -> FloatArray:
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def initialise(spec: ModelSpec, input_size: int, output_size: int, seed: int) -> Network:
    """A new network as ``spec.initialiser`` says, drawn from a numpy generator.

    The default has PyTorch's distributions: recurrent weights and biases are U(−1/√H, 1/√H), the read-out
    U(−1/√F, 1/√F) with F its inputs, the embedding N(0, 1); the numbers differ from torch's, their distribution
    does not. The others change those numbers (:mod:`rnnviz.engine.initialisers`), so that the same seed means
    the same numbers in all that they leave alone.
    """
    generator = np.random.default_rng(seed)
    weights: dict[str, FloatArray] = {}
    for name, shape in weight_shapes(spec, input_size, output_size).items():
        if name == EMBEDDING:
            weights[name] = generator.standard_normal(shape).astype(np.float32)
            continue
        fan_in = spec.hidden * (2 if spec.bidirectional and name.startswith("readout") else 1)
        bound = fan_in**-0.5
        weights[name] = generator.uniform(-bound, bound, shape).astype(np.float32)
    apply_initialiser(spec, weights, generator)
    return Network(spec, input_size, output_size, weights)
