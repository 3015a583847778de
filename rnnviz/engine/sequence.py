"""What a task makes of a text: the tokens, their ids, and what the network should answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_TARGET = -1
"""The target of a time step that has no loss."""

UNKNOWN_ID = -1
"""The id of an unknown token where the vocabulary has no ``<unk>`` entry; it is fed as a zero vector."""


@dataclass(frozen=True, eq=False)
class EncodedSequence:
    """One sequence ready for the network; row t−1 of each array is time step t.

    Attributes:
        tokens: what the user sees, T strings.
        ids: (T,) int64, the vocabulary index of each token (:data:`UNKNOWN_ID` where there is none).
        targets: (T,) int64, the wanted output class of each step, :data:`NO_TARGET` where there is no loss.
        known: (T,) bool, False where the vocabulary does not hold the token.
        notes: sentences for the user about what was changed or cut.
    """

    tokens: tuple[str, ...]
    ids: NDArray[np.int64]
    targets: NDArray[np.int64]
    known: NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lengths = {len(self.tokens), len(self.ids), len(self.targets), len(self.known)}
        if len(lengths) > 1:
            raise SpecError(
                f"The sequence has {len(self.tokens)} tokens, {len(self.ids)} ids, {len(self.targets)} targets and "
                f"{len(self.known)} known marks; give arrays of one length."
            )
        for field, dtype in (("ids", np.int64), ("targets", np.int64), ("known", np.bool_)):
            array = np.array(getattr(self, field), dtype=dtype)
            array.setflags(write=False)
            object.__setattr__(self, field, array)

    def __len__(self) -> int:
        return len(self.tokens)
