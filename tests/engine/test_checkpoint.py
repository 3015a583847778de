"""Session files: what goes in comes out, what is broken is one sentence, and an old file survives every accident."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.engine.checkpoint import FIXED, MAGIC, Document, from_bytes, load, save, to_bytes
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.temporary import sweep_temporary
from rnnviz.engine.trainer_state import TrainerState, rng_to_json


def document(text: str = "hello", **changes: object) -> Document:
    run = RunSpec(model=ModelSpec(cell="lstm", hidden=3), task=TaskSpec(text="hello world"))
    task = make_task(run.task)
    weights = dict(initialise(run.model, task.input_size, task.output_size, 1).weights)
    moments = {f"exp_avg/{name}": array * 0.5 for name, array in weights.items()}
    rng = rng_to_json(np.random.Generator(np.random.PCG64(3)))
    state = TrainerState(40, weights, "adam", moments, rng, {"loss": np.array([3.0, 2.5])})
    values = {"trainer_state": state, "view": {"zoom": 1.5, "tracks": ["h"]}, "history": {"loss": [3.0, 2.0]}}
    return Document(**{"run": run, "text": text, "weights": weights, **values, **changes})


DATA = to_bytes(document())


def forge(header: object = None, payload: bytes | None = None) -> bytes:
    """A file with a right checksum around chosen content: what a hostile author can make."""
    _, _, header_size, _, _ = FIXED.unpack(DATA[: FIXED.size])
    old = DATA[FIXED.size : FIXED.size + header_size]
    head = old if header is None else header if isinstance(header, bytes) else json.dumps(header).encode()
    body = DATA[FIXED.size + header_size :] if payload is None else payload
    digest = hashlib.sha256(struct.pack("<HQQ", 1, len(head), len(body)) + head + body).digest()
    return FIXED.pack(MAGIC, 1, len(head), len(body), digest) + head + body


def real_header() -> dict[str, object]:
    return json.loads(DATA[FIXED.size : FIXED.size + FIXED.unpack(DATA[: FIXED.size])[2]])


def arrays(**changes: np.ndarray) -> bytes:
    header_size = FIXED.unpack(DATA[: FIXED.size])[2]
    return safetensors.numpy.save({**safetensors.numpy.load(DATA[FIXED.size + header_size :]), **changes})


def equal(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    return first.keys() == second.keys() and all(np.array_equal(first[k], second[k]) for k in first)


def one_sentence(error: BaseException) -> bool:
    text = str(error)
    return text.endswith(".") and "\n" not in text and "pickle" not in text and "torch" not in text


def test_everything_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "run.rnnviz"
    saved = document()
    save(path, saved)
    read = load(path)
    assert (read.run, read.text, read.view) == (saved.run, saved.text, dict(saved.view))
    assert equal(dict(read.weights), dict(saved.weights))
    assert read.trainer_state is not None
    assert saved.trainer_state is not None
    assert (read.trainer_state.step, read.trainer_state.rng) == (40, saved.trainer_state.rng)
    assert equal(dict(read.trainer_state.optimiser_arrays), dict(saved.trainer_state.optimiser_arrays))
    np.testing.assert_array_equal(read.history["loss"], [3.0, 2.0])
    assert [item.name for item in tmp_path.iterdir()] == ["run.rnnviz"]


@pytest.mark.parametrize("text", ["", "שלום 👩‍👩‍👧", "a\x00b", "lone \ud800 surrogate", "x" * 100_000])
def test_any_text_comes_back(text: str) -> None:
    assert from_bytes(to_bytes(document(text))).text == text


def test_an_untrained_session_has_no_trainer_state() -> None:
    assert from_bytes(to_bytes(document(trainer_state=None))).trainer_state is None


def test_arrays_that_are_not_contiguous_keep_their_values() -> None:
    whole = document()
    turned = {name: np.asfortranarray(array) for name, array in whole.weights.items()}
    turned["readout.bias"] = np.repeat(turned["readout.bias"], 2)[::2]
    assert equal(dict(from_bytes(to_bytes(document(weights=turned))).weights), dict(whole.weights))


@pytest.mark.fault(10)
@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(DATA) - 1), change=st.integers(1, 255))
def test_any_flipped_byte_is_noticed(place: int, change: int) -> None:
    damaged = bytearray(DATA)
    damaged[place] ^= change
    with pytest.raises(SpecError) as caught:
        from_bytes(bytes(damaged))
    assert one_sentence(caught.value)


@pytest.mark.fault(10)
@settings(max_examples=100, deadline=None)
@given(size=st.integers(0, len(DATA) - 1), extra=st.binary(max_size=20))
def test_any_truncation_or_growth_is_noticed(size: int, extra: bytes) -> None:
    for data in (DATA[:size], DATA + b"x" + extra, extra):
        with pytest.raises(SpecError):
            from_bytes(data)


JSON_LEAVES = st.none() | st.booleans() | st.floats() | st.text()
HEADER_KEYS = st.sampled_from(["run", "text", "view", "trainer", "model", "task"])
JSON_VALUES = st.recursive(JSON_LEAVES, lambda inner: st.lists(inner) | st.dictionaries(HEADER_KEYS, inner))


@pytest.mark.fault(10)
@settings(max_examples=100, deadline=None)
@given(header=JSON_VALUES)
def test_a_forged_header_is_one_sentence(header: object) -> None:
    with pytest.raises(SpecError) as caught:
        from_bytes(forge(header=json.dumps(header).encode()))
    assert one_sentence(caught.value)


@pytest.mark.fault(10)
@settings(max_examples=100, deadline=None)
@given(payload=st.binary(max_size=200))
def test_a_forged_payload_is_one_sentence(payload: bytes) -> None:
    with pytest.raises(SpecError) as caught:
        from_bytes(forge(payload=payload))
    assert one_sentence(caught.value)


@pytest.mark.fault(10)
def test_deep_nesting_and_pickles_are_refused(tmp_path: Path) -> None:
    for data in (forge(header=b"[" * 100_000), forge(header=b"\xff\xfe"), b"\x80\x04cos\nsystem\n", b"PK\x03\x04" * 50):
        path = tmp_path / "bad.rnnviz"
        path.write_bytes(data)
        with pytest.raises(SpecError) as caught:
            load(path)
        assert one_sentence(caught.value)
        assert path.read_bytes() == data


def test_wrong_shapes_name_expected_and_found() -> None:
    bad = arrays(**{"weights/weight_hh_l0": np.zeros((3, 12), np.float32)})
    with pytest.raises(SpecError, match=r"\(3, 12\).*expected \(12, 3\)"):
        from_bytes(forge(payload=bad))


def test_missing_extra_and_non_finite_weights_are_named() -> None:
    nan = arrays(**{"weights/readout.bias": np.full(9, np.nan, np.float32)})
    extra = arrays(**{"weights/backdoor": np.zeros(1, np.float32)})
    kind = arrays(**{"weights/readout.bias": np.zeros(9, np.int8)})
    for payload, words in ((nan, "readout.bias"), (extra, "backdoor"), (kind, "numbers of another kind")):
        with pytest.raises(SpecError, match=words):
            from_bytes(forge(payload=payload))


def test_training_weights_of_another_shape_are_refused() -> None:
    bad = arrays(**{"trainer/weights/readout.bias": np.zeros(2, np.float32)})
    with pytest.raises(SpecError, match="training weights"):
        from_bytes(forge(payload=bad))


def test_specs_out_of_range_are_refused() -> None:
    header = real_header()
    header["run"]["model"]["hidden"] = 10**9  # type: ignore[index]
    with pytest.raises(SpecError):
        from_bytes(forge(header=header))


def test_a_newer_format_says_what_to_do() -> None:
    newer = FIXED.pack(MAGIC, 2, 10, 10, bytes(32)) + bytes(20)
    with pytest.raises(SpecError, match=r"format 2.*install a newer rnnviz"):
        from_bytes(newer)


@pytest.mark.fault(10)
def test_claimed_sizes_are_checked_before_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.rnnviz"
    for header_size, payload_size in ((2**62, 0), (0, 2**62), (2**64 - 1, 2**64 - 1)):
        path.write_bytes(FIXED.pack(MAGIC, 1, header_size, payload_size, bytes(32)))
        with pytest.raises(SpecError, match="was not read"):
            load(path)


def test_a_missing_file_and_a_folder_are_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.rnnviz", tmp_path):
        with pytest.raises(SpecError, match="could not be read"):
            load(path)


@pytest.mark.fault(11)
def test_a_path_that_is_gone_names_path_and_reason(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"gone.*No such file"):
        save(tmp_path / "gone" / "run.rnnviz", document())


FAILURES = [("os.fsync", errno.ENOSPC), ("os.replace", errno.ENOSPC), ("tempfile.mkstemp", errno.EROFS)]


@pytest.mark.fault(11)
@pytest.mark.parametrize(("call", "number"), FAILURES)
def test_a_full_or_read_only_disk_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path = tmp_path / "run.rnnviz"
    save(path, document("old"))

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(call, fail)
        with pytest.raises(SpecError, match=os.strerror(number)) as caught:
            save(path, document("new"))
    assert str(path) in str(caught.value)
    assert load(path).text == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["run.rnnviz"]


def test_saving_onto_a_folder_is_one_sentence_and_leaves_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "run.rnnviz"
    target.mkdir()
    with pytest.raises(SpecError, match="was not saved"):
        save(target, document())
    assert [item.name for item in tmp_path.iterdir()] == ["run.rnnviz"]


@pytest.mark.fault(12)
def test_killed_during_save_the_old_file_is_whole_and_the_rest_is_swept(tmp_path: Path) -> None:
    path = tmp_path / "run.rnnviz"
    save(path, document("old"))
    script = textwrap.dedent(
        f"""
        import os, signal
        from rnnviz.engine import checkpoint
        document = checkpoint.load({str(path)!r})
        os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
        checkpoint.save({str(path)!r}, document)
        """
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    assert load(path).text == "old"
    assert sweep_temporary(tmp_path) == 1
    assert [item.name for item in tmp_path.iterdir()] == ["run.rnnviz"]


@pytest.mark.fault(12)
def test_the_sweep_leaves_the_files_of_running_programs_and_strangers(tmp_path: Path) -> None:
    parent = tmp_path / f".rnnviz-{os.getppid()}-abc.tmp"
    stranger = tmp_path / "notes.tmp"
    for path in (parent, stranger):
        path.write_text("x")
    assert sweep_temporary(tmp_path) == 0
    assert parent.exists()
    assert stranger.exists()


def test_a_new_file_can_be_read_by_others_as_the_umask_says(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        save(tmp_path / "run.rnnviz", document())
        assert (tmp_path / "run.rnnviz").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(old)


def test_a_view_that_is_not_json_is_one_sentence() -> None:
    for view in ({"x": float("nan")}, {"x": object()}):
        with pytest.raises(SpecError, match="plain JSON"):
            to_bytes(document(view=view))


def test_reading_a_session_does_not_import_torch() -> None:
    script = "import sys, rnnviz.engine.checkpoint, rnnviz.engine.devices; assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0
