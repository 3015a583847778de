"""Next character: at every time step, guess the character that follows (Elman 1990, letter prediction)."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.tasks.base import Batch, Task
from rnnviz.engine.tokens import Vocabulary, characters
from rnnviz.resources import resource_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.engine.spec import TaskSpec

SAMPLE = "data/next-char.txt"
MAX_CHARACTERS = 255
MAX_CORPUS_BYTES = 20_000_000


class NextCharacter(Task):
    """Predict the next character of a text; the baseline is a blind guess among all V characters, ln V."""

    name = "next-char"
    title = "Next character"
    sentence = "The network reads a text one character at a time and guesses, at every step, which one comes next."
    pattern = "transducer"
    has_accuracy = False
    example = "hello"
    default_length = 32
    default_training = {"optimiser": "adam", "learning_rate": 0.01, "batch_size": 32, "clip": 1.0}  # noqa: RUF012

    def __init__(self, spec: TaskSpec) -> None:
        self.spec = spec
        text, cut_notes = _limited(sample_text() if spec.text is None else spec.text)
        corpus = characters(text, limit=max(1, len(text)))
        if len(corpus.tokens) < 2:
            raise SpecError(
                f"The text to learn has {len(corpus.tokens)} characters; give a text of at least 2 characters."
            )
        self.vocabulary, vocabulary_notes = _vocabulary(corpus.tokens)
        self.notes = (*cut_notes, *corpus.notes, *vocabulary_notes)
        self.output_labels = self.vocabulary.tokens
        self.baseline = math.log(len(self.vocabulary))
        self.baseline_label = f"ln {len(self.vocabulary)}"
        self._corpus, _ = self.vocabulary.encode(corpus.tokens)

    def encode(self, text: str) -> EncodedSequence:
        """Each character's target is the next one; the last has none, since nothing typed follows it."""
        found = characters(text)
        ids, known = self.vocabulary.encode(found.tokens)
        targets = np.full(len(ids), -1, dtype=np.int64)
        targets[:-1] = ids[1:]
        return EncodedSequence(found.tokens, ids, targets, known, found.notes)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw windows of ``length`` characters at random places of the corpus."""
        length = min(self.length, len(self._corpus) - 1)
        starts = rng.integers(0, len(self._corpus) - length, size=size)
        windows = self._corpus[starts[:, None] + np.arange(length + 1)]
        return Batch(windows[:, :-1], windows[:, 1:])


def sample_text() -> str:
    """Return the shipped sample text (our own; 18 different characters, so that V = 19 with ``<unk>``)."""
    return resource_bytes(SAMPLE).decode("utf-8").replace("\r\n", "\n")


def _limited(text: str) -> tuple[str, tuple[str, ...]]:
    """Cut a corpus beyond 20 MB (at most 4 bytes a character, so short texts are not measured)."""
    if len(text) * 4 <= MAX_CORPUS_BYTES:
        return text, ()
    data = text.encode("utf-8", errors="replace")
    if len(data) <= MAX_CORPUS_BYTES:
        return text, ()
    kept = data[:MAX_CORPUS_BYTES].decode("utf-8", errors="ignore")
    return kept, (
        f"The text has {len(data) / 1e6:.0f} MB; only the first {MAX_CORPUS_BYTES / 1e6:.0f} MB are learned.",
    )


def _vocabulary(tokens: Sequence[str]) -> tuple[Vocabulary, tuple[str, ...]]:
    """Keep the most frequent characters, so that a text of many signs does not make a huge softmax."""
    counts = Counter(tokens)
    if len(counts) <= MAX_CHARACTERS:
        return Vocabulary.from_tokens(counts), ()
    ordered = sorted(counts, key=lambda token: (-counts[token], token))[:MAX_CHARACTERS]
    note = (
        f"The text has {len(counts):,} different characters; the {MAX_CHARACTERS} most frequent are learned, "
        "all others count as <unk>."
    )
    return Vocabulary.from_tokens(ordered), (note,)
