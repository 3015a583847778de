"""Compare by identity: a key of a kept picture must hold the value itself, since an id can come back."""

from __future__ import annotations


class Same:
    """Wraps a value so that keys compare it by identity (arrays have no plain equality)."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)
