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
        values: (T, D) float, the inputs of a real-valued sequence; None: tokens are looked up by their ids.
        wanted: (T, K) float, the real outputs wanted, NaN in a row without loss; None: classes are wanted.
            ``targets`` then only tells where there is a loss: 0, else :data:`NO_TARGET`.
        switch: how many steps the encoder of an encoder-decoder reads; the decoder has the rest. 0 in one chain.
        fed: (T,) bool, True where a step reads an output of the step before: the wanted one (teacher forcing) or
            the network's own. None: nowhere.
        open: True where the text gives no wanted output after its last token, so that only the network can go on.
    """

    tokens: tuple[str, ...]
    ids: NDArray[np.int64]
    targets: NDArray[np.int64]
    known: NDArray[np.bool_]
    notes: tuple[str, ...] = ()
    values: NDArray[np.float64] | None = None
    wanted: NDArray[np.float64] | None = None
    switch: int = 0
    fed: NDArray[np.bool_] | None = None
    open: bool = False

    def __post_init__(self) -> None:
        self._take_real()
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
        self._check_feeding()

    def _check_feeding(self) -> None:
        if not 0 <= self.switch <= len(self.tokens):
            raise SpecError(f"The encoder reads {self.switch} of {len(self.tokens)} steps; give at most all of them.")
        if self.fed is not None:
            fed = np.array(self.fed, np.bool_)
            if len(fed) != len(self.tokens):
                raise SpecError(f"There are {len(fed)} marks of fed steps for {len(self.tokens)} steps; give one each.")
            fed.setflags(write=False)
            object.__setattr__(self, "fed", fed)

    def _take_real(self) -> None:
        """Copy and check the real-valued half; where a row of ``wanted`` is whole there is a loss."""
        for name in ("values", "wanted"):
            given = getattr(self, name)
            if given is None:
                continue
            array = np.array(given, dtype=np.float64)
            if array.ndim != 2 or len(array) != len(self.tokens):
                raise SpecError(
                    f"The {name} have the shape {array.shape}; give one row for each of the {len(self.tokens)} steps."
                )
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.values is not None and not np.isfinite(self.values).all():
            raise SpecError("The values hold NaN or infinite numbers; give finite ones.")
        if self.wanted is not None:
            there = np.isfinite(self.wanted).all(axis=1)
            object.__setattr__(self, "targets", np.where(there, 0, NO_TARGET))

    def __len__(self) -> int:
        return len(self.tokens)
