"""The arrays of a trace and its gradients under the names that scripts rely on, and the .npz that holds them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from rnnviz.engine.credit import credit_map
from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from rnnviz.engine.trace import Trace

Arrays = dict[str, "NDArray[np.generic]"]


def trace_arrays(trace: Trace) -> Arrays:
    """``tokens``, ``inputs``, ``l0/...``, ``weights/...``, ``logits``, ``targets``, ``loss``; row t−1 is step t."""
    arrays: Arrays = {
        "tokens": np.array(trace.tokens, dtype=np.str_),
        "inputs": trace.inputs,
        "logits": trace.logits,
        "targets": trace.targets,
        "loss": trace.loss,
    }
    for layer in trace.layers:
        arrays[f"{layer.name}/hidden"] = layer.hidden
        if layer.cell is not None:
            arrays[f"{layer.name}/cell"] = layer.cell
        arrays |= {f"{layer.name}/{gate}": values for gate, values in layer.gates.items()}
    return arrays | {f"weights/{name}": values for name, values in trace.network.weights.items()}


def gradient_arrays(trace: Trace, part: str = "joint") -> Arrays:
    """Norms of dC_tau/d(h, c)_t as log2, per layer, and the gradient of the summed loss per weight."""
    flow = gradient_flow(trace)
    every_row = range(1, len(trace) + 1)
    arrays: Arrays = {f"grad/{name}": values for name, values in flow.gradients.items()}
    for layer in flow.layers:
        credit = credit_map(trace, layer=layer.name, part=part, rows=every_row)
        arrays[f"{layer.name}/log2_total"] = credit.log2
        arrays[f"{layer.name}/log2_direct"] = layer.log2_direct
        arrays[f"{layer.name}/log2_summed"] = layer.log2_summed
        arrays[f"{layer.name}/jacobian_norm"] = layer.jacobian_norm
        arrays[f"{layer.name}/weight_contribution"] = layer.weight_contribution
    return arrays


def write_archive(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write all arrays to exactly ``path``, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("xb") as stream:
            np.savez(stream, **cast("dict[str, Any]", arrays))  # numpy's types take a keyword for allow_pickle
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SpecError(f"The arrays were not written to {path}: {reason}; choose another place.") from error
    finally:
        temporary.unlink(missing_ok=True)
