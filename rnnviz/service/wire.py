"""Frames on a pipe: eight bytes of header, then one msgpack message; arrays as dtype, shape and bytes.

::

    b"RNV1" | length, uint32 little-endian | msgpack payload of that many bytes

The header is checked before anything is kept, no buffer is made from an unchecked length, and nothing
that is read can run code. A wrong header means the two sides have lost each other (:class:`LinkError`:
restart the link); a payload that is no message costs only its own frame (:class:`MessageError`).
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
import numpy as np

from rnnviz.service.messages import AnyCommand, AnyReply, Command, Message, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"RNV1"
HEADER = struct.Struct("<4sI")
MAX_FRAME = 256 * 1024 * 1024
MAX_DIMENSIONS = 4
DTYPES = frozenset({"<f4", "<f8", "<i4", "<i8", "|b1", "|u1"})

M = TypeVar("M", bound=Message)


class LinkError(Exception):
    """The byte stream is not ours (any more): nothing after this point can be trusted."""


class MessageError(Exception):
    """One frame held no valid message; the frames after it are fine."""


class FrameTooLarge(ValueError):
    """A message would not fit into a frame; nothing was written."""


def encode(message: Message) -> bytes:
    """The whole frame of ``message``, header included."""
    buffer = bytearray(HEADER.size)
    _ENCODER.encode_into(message, buffer, HEADER.size)
    size = len(buffer) - HEADER.size
    if size > MAX_FRAME:
        raise FrameTooLarge(
            f"This picture would take {size / 1e6:,.0f} MB; the limit is {MAX_FRAME / 1e6:,.0f} MB. "
            "Shorten the text or use fewer units."
        )
    HEADER.pack_into(buffer, 0, MAGIC, size)
    return bytes(buffer)


def _pack_array(value: object) -> tuple[str, tuple[int, ...], Any]:
    if not isinstance(value, np.ndarray):
        raise NotImplementedError(f"A {type(value).__name__} cannot be sent.")
    array = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    name = array.dtype.str
    if name not in DTYPES:
        raise NotImplementedError(f"An array of {value.dtype} cannot be sent; allowed are {', '.join(sorted(DTYPES))}.")
    return name, value.shape, array.reshape(-1).view(np.uint8).data


def _unpack_array(expected: type, value: object) -> np.ndarray[Any, np.dtype[Any]]:
    if expected is not np.ndarray:
        raise NotImplementedError(f"A {expected.__name__} cannot be received.")
    match value:
        case [str(name), [*shape], bytes(data)] if name in DTYPES and len(shape) <= MAX_DIMENSIONS:
            dtype = np.dtype(name)
        case _:
            raise ValueError("An array needs an allowed dtype, a shape and its bytes.")
    counts = [size for size in shape if type(size) is int and size >= 0]
    if len(counts) != len(shape):
        raise ValueError("The shape of an array holds counts only.")
    if math.prod(counts) * dtype.itemsize != len(data):
        raise ValueError(f"An array of shape {counts} and type {name} cannot have {len(data)} bytes.")
    return np.frombuffer(data, dtype).reshape(counts)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_pack_array)


class FrameReader(Generic[M]):
    """Turns chunks of bytes, cut anywhere, into messages. Arrays come out read-only.

    Once a header is wrong the reader stays broken: it keeps no bytes and raises on every feed.
    """

    def __init__(self, decoder: msgspec.msgpack.Decoder[Any], limit: int = MAX_FRAME) -> None:
        self._decoder = decoder
        self._limit = limit
        self._buffer = bytearray()
        self._broken = ""

    def feed(self, data: bytes) -> Iterator[M | MessageError]:
        """All messages that are complete now; a frame that holds no message gives a MessageError value."""
        self._buffer += data
        start = 0
        try:
            while (end := self._end_of_frame(start)) is not None:
                payload = memoryview(self._buffer)[start + HEADER.size : end]
                start = end
                try:
                    result = self._decode(payload)
                finally:
                    payload.release()
                yield result
        finally:
            del self._buffer[:start]

    @property
    def pending(self) -> int:
        """Bytes of a frame that has begun but is not whole yet."""
        return len(self._buffer)

    def _end_of_frame(self, start: int) -> int | None:
        if self._broken:
            self._buffer.clear()
            raise LinkError(self._broken)
        head = bytes(self._buffer[start : start + HEADER.size])
        if head[: len(MAGIC)] != MAGIC[: len(head)]:
            self._break("The other side sent bytes that are no frame.")
        if len(head) < HEADER.size:
            return None
        size = HEADER.unpack(head)[1]
        if size > self._limit:
            self._break(f"The other side announced a frame of {size:,} bytes; the limit is {self._limit:,}.")
        end = start + HEADER.size + size
        return end if end <= len(self._buffer) else None

    def _break(self, sentence: str) -> None:
        self._broken = sentence
        self._buffer.clear()
        raise LinkError(sentence)

    def _decode(self, payload: memoryview) -> M | MessageError:
        try:
            message: M = self._decoder.decode(payload)
        except (msgspec.DecodeError, ValueError, NotImplementedError, RecursionError) as error:
            return MessageError(str(error.__cause__ or error))
        return message


def command_reader(limit: int = MAX_FRAME) -> FrameReader[Command]:
    """Reads what the window sends to the engine."""
    return FrameReader(msgspec.msgpack.Decoder(AnyCommand, dec_hook=_unpack_array), limit)


def reply_reader(limit: int = MAX_FRAME) -> FrameReader[Reply]:
    """Reads what the engine sends to the window."""
    return FrameReader(msgspec.msgpack.Decoder(AnyReply, dec_hook=_unpack_array), limit)
