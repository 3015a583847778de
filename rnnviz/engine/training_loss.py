"""The loss of a training batch: cross-entropy where classes are wanted, squared error where numbers are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from rnnviz.engine.tasks.base import Batch


def batch_loss(logits: torch.Tensor, targets: torch.Tensor, batch: Batch, count: int = 0) -> torch.Tensor:
    """The mean loss over the targets ``(T, B)`` that are not −1; with ``count``, their sum divided by it."""
    if batch.wanted is not None:
        return _squared_error(logits, targets, batch, count)
    how = "sum" if count else "mean"
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction=how)
    return loss / count if count else loss


def _squared_error(outputs: torch.Tensor, targets: torch.Tensor, batch: Batch, count: int) -> torch.Tensor:
    """``(1/N) Σ_t (1/K) Σ_k (y_tk − wanted_tk)²`` over the N steps with a target, of all sequences."""
    answers = np.nan_to_num(np.asarray(batch.wanted).swapaxes(0, 1))
    wanted = torch.from_numpy(np.ascontiguousarray(answers)).to(outputs.dtype).to(outputs.device)
    there = targets >= 0
    errors = torch.where(there, (outputs - wanted).square().mean(-1), 0.0)
    return errors.sum() / (count or int((batch.targets >= 0).sum()))
