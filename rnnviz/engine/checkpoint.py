"""One session file (``.rnnviz``): a JSON header and safetensors arrays under one sha256; never pickle.

Layout: ``RNNVIZ`` + format (uint16), header length (uint64), payload length (uint64), sha256 of all that follows
and of these lengths, JSON header, safetensors payload; integers little-endian. Lengths are checked against the
real file size before anything is allocated, and nothing in a file is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, check_weights
from rnnviz.engine.spec import RunSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.temporary import make_temporary
from rnnviz.engine.trainer_state import TrainerState, rng_from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

Array = np.ndarray[Any, np.dtype[Any]]

SUFFIX = ".rnnviz"
MAGIC = b"RNNVIZ"
FORMAT = 1
FIXED = struct.Struct("<6sHQQ32s")
MAX_HEADER = 128 * 2**20
MAX_PAYLOAD = 4 * 2**30
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError, SafetensorError)
DTYPES = ("float32", "float64", "int64")


@dataclass(frozen=True, eq=False)
class Document:
    """A session: what was run, on which text, the weights, how to continue, and how it was looked at.

    ``view`` holds JSON values only; ``history`` arrays by name (the loss curve).
    """

    run: RunSpec
    text: str
    weights: Mapping[str, Array]
    trainer_state: TrainerState | None = None
    view: Mapping[str, Any] = field(default_factory=dict)
    history: Mapping[str, Any] = field(default_factory=dict)

    def network(self) -> Network:
        """Return the saved network, ready for a trace."""
        task = make_task(self.run.task)
        return Network(self.run.model, task.input_size, task.output_size, dict(self.weights))


def to_bytes(document: Document) -> bytes:
    """Return the file's content; it is read back before it is given out."""
    try:
        header = json.dumps(_header(document), allow_nan=False, separators=(",", ":")).encode("ascii")
    except (TypeError, ValueError) as error:
        raise SpecError(f"The view of the session cannot be saved ({error}); give plain JSON values.") from error
    # safetensors 0.8 writes wrong values for arrays that are not contiguous (its issue 825)
    arrays = {name: np.require(array, requirements="C") for name, array in _arrays(document).items()}
    payload = safetensors.numpy.save(arrays)
    if len(header) > MAX_HEADER or len(payload) > MAX_PAYLOAD:
        raise SpecError(
            f"The session has {(len(header) + len(payload)) / 1e6:,.0f} MB, more than a file may hold; "
            "use a smaller network or a shorter text."
        )
    data = FIXED.pack(MAGIC, FORMAT, len(header), len(payload), _digest(header, payload)) + header + payload
    read_back = safetensors.numpy.load(payload)
    if any(not np.array_equal(read_back[name], array, equal_nan=True) for name, array in arrays.items()):
        raise SpecError("The session could not be packed without loss, so nothing was written; please report this.")
    return data


def _digest(header: bytes | memoryview, payload: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(struct.pack("<HQQ", FORMAT, len(header), len(payload)))
    digest.update(header)
    digest.update(payload)
    return digest.digest()


def _header(document: Document) -> dict[str, Any]:
    state = document.trainer_state
    trainer = state and {"step": state.step, "optimiser": state.optimiser, "rng": dict(state.rng)}
    run = msgspec.to_builtins(document.run)
    return {"run": run, "text": document.text, "view": dict(document.view), "trainer": trainer}


def _arrays(document: Document) -> dict[str, Array]:
    groups: dict[str, Mapping[str, Any]] = {"weights": document.weights, "history": document.history}
    if document.trainer_state is not None:
        state = document.trainer_state
        groups |= {"trainer/weights": state.weights, "trainer/optimiser": state.optimiser_arrays}
        groups |= {"trainer/history": state.history}
    return {f"{group}/{name}": np.asarray(array) for group, arrays in groups.items() for name, array in arrays.items()}


def from_bytes(data: bytes) -> Document:
    """Read a file's content; anything that is not a whole and sound session is one SpecError."""
    header_size, payload_size, digest = _fixed_part(data[: FIXED.size], len(data))
    view = memoryview(data)
    header, payload = view[FIXED.size : FIXED.size + header_size], view[FIXED.size + header_size :]
    if _digest(header, payload) != digest or len(payload) != payload_size:
        raise SpecError("The session file is damaged: its checksum does not match; open an older copy.")
    try:
        return _document(json.loads(bytes(header)), safetensors.numpy.load(bytes(payload)))
    except SpecError as error:
        raise SpecError(f"The session file cannot be used: {error}") from error
    except _MALFORMED as error:
        raise SpecError("The session file is not built as rnnviz builds it; open another file.") from error


def _fixed_part(data: bytes, file_size: int) -> tuple[int, int, bytes]:
    """Check magic, format and lengths against the real size; return header and payload size and the checksum."""
    if len(data) < FIXED.size or data[: len(MAGIC)] != MAGIC:
        raise SpecError("The file is not an rnnviz session; choose a file that rnnviz saved.")
    _, version, header_size, payload_size, digest = FIXED.unpack(data)
    if version != FORMAT:
        raise SpecError(
            f"The session file has format {version}, this rnnviz reads format {FORMAT}; install a newer rnnviz."
        )
    if header_size > MAX_HEADER or payload_size > MAX_PAYLOAD:
        raise SpecError(
            f"The session file claims {(header_size + payload_size) / 1e6:,.0f} MB, more than the allowed "
            f"{(MAX_HEADER + MAX_PAYLOAD) / 1e6:,.0f} MB; it was not read."
        )
    if FIXED.size + header_size + payload_size != file_size:
        raise SpecError(
            f"The session file has {file_size:,} bytes instead of {FIXED.size + header_size + payload_size:,}; "
            "it was cut or damaged, open an older copy."
        )
    return header_size, payload_size, digest


def _document(header: Any, arrays: Mapping[str, Array]) -> Document:  # noqa: ANN401 - untrusted JSON
    run = msgspec.convert(header["run"], RunSpec)
    text, view = header["text"], header["view"]
    if not isinstance(text, str) or not isinstance(view, dict):
        raise SpecError("its text or view has the wrong kind.")
    if any(str(array.dtype) not in DTYPES for array in arrays.values()):
        raise SpecError(f"it holds numbers of another kind than {', '.join(DTYPES)}.")
    task = make_task(run.task)
    weights = _group(arrays, "weights/")
    check_weights(run.model, task.input_size, task.output_size, weights)
    state = header["trainer"] and _trainer_state(header["trainer"], arrays, weights)
    return Document(run, text, weights, state or None, view, _group(arrays, "history/"))


def _group(arrays: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}


def _trainer_state(header: Mapping[str, Any], arrays: Mapping[str, Array], like: Mapping[str, Array]) -> TrainerState:
    step, optimiser, rng = header["step"], header["optimiser"], header["rng"]
    weights = _group(arrays, "trainer/weights/")
    if type(step) is not int or step < 0 or not isinstance(optimiser, str):
        raise SpecError("its training step or optimiser is not valid.")
    if {name: array.shape for name, array in weights.items()} != {name: array.shape for name, array in like.items()}:
        raise SpecError("its training weights do not fit its network.")
    rng_from_json(rng)
    history = _group(arrays, "trainer/history/")
    return TrainerState(step, weights, optimiser, _group(arrays, "trainer/optimiser/"), rng, history)


def save(path: str | os.PathLike[str], document: Document) -> None:
    """Write the session so that an old file stays whole until the new one is (temp, fsync, replace)."""
    target = Path(path)
    data = to_bytes(document)
    temporary = ""
    try:
        handle, temporary = make_temporary(target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _keep_mode(target, temporary)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise SpecError(f"The session was not saved to {target}: {reason}; choose another place.") from error
    _sync_folder(target.parent)


def _keep_mode(target: Path, temporary: str) -> None:
    """Give the new file the old one's permissions, or the usual ones (mkstemp's are private)."""
    if target.exists():
        mode = target.stat().st_mode & 0o777
    else:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask
    os.chmod(temporary, mode)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable where the system can (not on Windows)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)


def load(path: str | os.PathLike[str]) -> Document:
    """Read a session file; the sizes in its first bytes are checked before the rest is read."""
    source = Path(path)
    try:
        with source.open("rb") as file:
            _fixed_part(file.read(FIXED.size), os.fstat(file.fileno()).st_size)
            file.seek(0)
            data = file.read()
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "not enough memory"
        raise SpecError(f"The session {source} could not be read: {reason}; choose another file.") from error
    return from_bytes(data)
