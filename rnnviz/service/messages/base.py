"""What every frame has in common."""

from __future__ import annotations

from enum import StrEnum

import msgspec

PROTOCOL = 4


class EngineState(StrEnum):
    """What the engine is doing; the window shows it and enables its buttons by it."""

    STARTING = "starting"
    IDLE = "idle"
    TRAINING = "training"
    PAUSED = "paused"
    FAILED = "failed"


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Base of every frame. The tag is the class name."""


class Command(Message, frozen=True, kw_only=True):
    """A frame from the window. ``request`` numbers are echoed in the reply."""

    request: int = 0


class Reply(Message, frozen=True, kw_only=True):
    """A frame from the engine. ``request`` is that of the command it answers (0: an event)."""

    request: int = 0
