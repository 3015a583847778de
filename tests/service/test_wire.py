from __future__ import annotations

import struct
import tracemalloc

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.engine.spec import ModelSpec, RunSpec
from rnnviz.service import wire
from rnnviz.service.messages import HistoryMapped, Restore, SetRun, Unroll


def raw_frame(value):
    payload = msgspec.msgpack.encode(value)
    return wire.HEADER.pack(wire.MAGIC, len(payload)) + payload


def array_frame(dtype, shape, data):
    return raw_frame({"type": "HistoryMapped", "steps": ["<i8", [0], b""], "log2": [dtype, shape, data]})


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "i8", "?", "u1", ">f4"])
@pytest.mark.parametrize("shape", [(0,), (3,), (0, 7), (4, 5), (2, 3, 4)])
def test_arrays_come_back_equal_and_read_only(dtype, shape):
    array = (np.arange(np.prod(shape)).reshape(shape) % 2).astype(dtype)
    sent = HistoryMapped(steps=np.arange(2), log2=array)
    (received,) = wire.reply_reader().feed(wire.encode(sent))
    assert received.log2.shape == shape
    assert received.log2.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(received.log2, array)
    assert not received.log2.flags.writeable


def test_a_transposed_array_is_not_scrambled():
    array = np.arange(12.0).reshape(3, 4).T
    (received,) = wire.reply_reader().feed(wire.encode(HistoryMapped(steps=np.arange(2), log2=array)))
    np.testing.assert_array_equal(received.log2, array)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6), st.data())
def test_frames_survive_any_cut(texts, data):
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    stream = b"".join(wire.encode(Unroll(request=i, text=text)) for i, text in enumerate(texts))
    reader, received, position = wire.command_reader(), [], 0
    while position < len(stream):
        step = data.draw(st.integers(1, 50))
        received += reader.feed(stream[position : position + step])
        position += step
    assert [command.text for command in received] == texts
    assert reader.pending == 0


@pytest.mark.fault(20)
@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_garbage_is_never_a_command(garbage):
    reader = wire.command_reader()
    try:
        found = list(reader.feed(garbage))
    except wire.LinkError:
        assert reader.pending == 0
        with pytest.raises(wire.LinkError):
            list(reader.feed(wire.encode(Unroll(text="x"))))
    else:
        # Nothing wrong yet only while every byte agrees with the start of a frame.
        assert found == [] or all(isinstance(item, wire.MessageError) for item in found)
        assert garbage[:4] == wire.MAGIC[: len(garbage[:4])]


@pytest.mark.fault(20)
@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=120))
def test_a_frame_of_garbage_costs_only_itself(payload):
    stream = wire.HEADER.pack(wire.MAGIC, len(payload)) + payload + wire.encode(Unroll(text="next"))
    first, second = wire.command_reader().feed(stream)
    assert isinstance(first, wire.MessageError)
    assert second == Unroll(text="next")


@pytest.mark.fault(20)
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_flipped_byte_never_escapes(data):
    frame = bytearray(wire.encode(SetRun(run=RunSpec(model=ModelSpec(cell="lstm")))))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = list(wire.command_reader().feed(bytes(frame)))
    except wire.LinkError:
        return
    assert all(isinstance(item, wire.MessageError | SetRun | msgspec.Struct) for item in found)


@pytest.mark.fault(20)
def test_an_announced_size_allocates_nothing():
    tracemalloc.start()
    try:
        reader = wire.command_reader()
        list(reader.feed(wire.HEADER.pack(wire.MAGIC, wire.MAX_FRAME)))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
        with pytest.raises(wire.LinkError, match="limit"):
            list(wire.command_reader().feed(wire.HEADER.pack(wire.MAGIC, wire.MAX_FRAME + 1)))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.fault(20)
@pytest.mark.parametrize(
    ("dtype", "shape", "data"),
    [
        ("|O", [1], b"12345678"),
        ("<f4", [2**40], b"1234"),
        ("<f4", [-1], b"1234"),
        ("<f4", [2], b"1234"),
        ("<f4", [1, 1, 1, 1, 1], b"1234"),
        ("<f4", [1.0], b"1234"),
        ("<f4", [True], b"1234"),
        ("<U1", [1], b"1234"),
        ("|V4", [1], b"1234"),
    ],
)
def test_a_bad_array_is_refused(dtype, shape, data):
    (received,) = wire.reply_reader().feed(array_frame(dtype, shape, data))
    assert isinstance(received, wire.MessageError)


def test_a_spec_out_of_range_is_refused_with_its_sentence():
    (received,) = wire.command_reader().feed(raw_frame({"type": "SetTraining", "training": {"learning_rate": -3.0}}))
    assert isinstance(received, wire.MessageError)
    assert str(received) == "The learning rate is -3; give a value from 1e-06 to 10."


def test_an_unknown_field_is_refused():
    (received,) = wire.command_reader().feed(raw_frame({"type": "Unroll", "text": "a", "run": "rm -rf"}))
    assert isinstance(received, wire.MessageError)


@pytest.mark.fault(20)
def test_deep_nesting_is_refused():
    payload = b"\x81\xa4type" + b"\x91" * 100_000 + b"\x01"
    (received,) = wire.command_reader().feed(wire.HEADER.pack(wire.MAGIC, len(payload)) + payload)
    assert isinstance(received, wire.MessageError)


def test_what_is_too_large_is_not_written(monkeypatch):
    monkeypatch.setattr(wire, "MAX_FRAME", 1000)
    with pytest.raises(wire.FrameTooLarge, match="fewer units"):
        wire.encode(Restore(document=bytes(2000)))


def test_an_object_array_cannot_be_sent():
    with pytest.raises(NotImplementedError, match="object"):
        wire.encode(HistoryMapped(steps=np.arange(2), log2=np.array([object()])))


def test_the_header_is_eight_bytes():
    assert wire.encode(Unroll(text=""))[:4] == b"RNV1"
    assert struct.calcsize("<4sI") == wire.HEADER.size == 8
