"""Next token of a text: what the tasks on characters and on words share."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import NO_TARGET, EncodedSequence
from rnnviz.engine.tasks.apart import ALL_REPEATED, new_windows
from rnnviz.engine.tasks.base import Batch, Floats, Ids, Task, mean_loss, most_frequent
from rnnviz.engine.tokens import MAX_TOKENS, Vocabulary
from rnnviz.resources import resource_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tokens import Tokens

MAX_CORPUS_BYTES = 20_000_000
HELD_OUT_FROM = 1000
"""Tokens; a shorter text of the user's own is learned as a whole."""


class NextToken(Task):
    """Predict the next token of a text; the baseline is a blind guess among all V tokens, ln V.

    Held out is a second shipped text, or the last tenth of the user's own, of which only those windows are drawn that
    stand nowhere in the learned part (:func:`~rnnviz.engine.tasks.apart.new_windows`: texts repeat themselves).
    """

    pattern = "transducer"
    has_accuracy = False
    metric = "loss in nats"
    lower_is_better = True
    sample: ClassVar[str]
    held_out_sample: ClassVar[str]
    unit: ClassVar[str]
    largest_vocabulary: ClassVar[int]

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        text, cut_notes = limited(shipped_text(self.sample) if spec.text is None else spec.text)
        tokens, notes = self.corpus(text)
        if len(tokens) < 2:
            many = f"{len(tokens)} {self.unit.removesuffix('s') if len(tokens) == 1 else self.unit}"
            raise SpecError(f"The text to learn has {many}; give a text of at least 2 {self.unit}.")
        counts = Counter(tokens) if not isinstance(tokens, str) else character_counts(tokens)
        entry_of = {token: self.fold(token) for token in counts}
        self.vocabulary, vocabulary_notes = self._vocabulary(_folded(counts, entry_of))
        self.notes = (*cut_notes, *notes, *vocabulary_notes)
        self.output_labels = self.vocabulary.tokens
        self.feeds = tuple(range(len(self.vocabulary)))
        self.baseline = math.log(len(self.vocabulary))
        self.baseline_label = f"ln {len(self.vocabulary)}"
        self.corpus_size = len(tokens)
        self._starts: Ids | None = None
        self._corpus, self._held_out = self._parts(self._ids(tokens, entry_of))

    def corpus(self, text: str) -> tuple[Sequence[str], tuple[str, ...]]:
        """All tokens of the text to learn, and notes on what was changed."""
        found = self.split(text, max(1, len(text)))
        return found.tokens, found.notes

    @abstractmethod
    def split(self, text: str, limit: int) -> Tokens:
        """Cut a text into tokens."""

    def fold(self, token: str) -> str:
        """The entry of the vocabulary that a token counts as."""
        return token

    def encode(self, text: str) -> EncodedSequence:
        """Each token's target is the next one; the last has none, since nothing typed follows it."""
        found = self.split(text, MAX_TOKENS)
        ids, known = self.vocabulary.encode([self.fold(token) for token in found.tokens])
        targets = np.full(len(ids), NO_TARGET, dtype=np.int64)
        targets[:-1] = ids[1:]
        return EncodedSequence(found.tokens, ids, targets, known, found.notes)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw windows of ``length`` tokens at random places of the corpus."""
        return self._windows(self._corpus, rng, size)

    def validation_batch(self, rng: np.random.Generator, size: int) -> Batch | None:
        """Draw windows of the held-out text; None where the user's own text was too short or repeats itself there."""
        return None if self._held_out is None else self._windows(self._held_out, rng, size, self._starts)

    def score(self, probabilities: Floats, batch: Batch) -> float:
        """Return the mean loss in nats."""
        return mean_loss(probabilities, batch)

    def _windows(self, corpus: Ids, rng: np.random.Generator, size: int, allowed: Ids | None = None) -> Batch:
        """Windows that begin anywhere, or at one of the ``allowed`` places."""
        length = min(self.length, len(corpus) - 1)
        starts = rng.integers(0, len(corpus) - length if allowed is None else len(allowed), size=size)
        starts = starts if allowed is None else allowed[starts]
        windows = corpus[starts[:, None] + np.arange(length + 1)]
        return Batch(windows[:, :-1], windows[:, 1:])

    def _parts(self, corpus: Ids) -> tuple[Ids, Ids | None]:
        """What is learned, and what is held out."""
        if self.spec.text is None:
            text = shipped_text(self.held_out_sample)
            tokens = self.split(text, len(text)).tokens
            return corpus, self._ids(tokens, {token: self.fold(token) for token in set(tokens)})
        if len(corpus) < HELD_OUT_FROM:
            return corpus, None
        kept = len(corpus) - len(corpus) // 10
        learned, held_out = corpus[:kept], corpus[kept:]
        self._starts = new_windows(learned, held_out[:-1], self.length)
        if len(self._starts):
            return learned, held_out
        self.notes = (*self.notes, ALL_REPEATED.format("text"))
        return corpus, None

    def _ids(self, tokens: Sequence[str], entry_of: Mapping[str, str]) -> Ids:
        """The ids of all tokens; each different token is looked up once, since a corpus repeats itself."""
        different = list(entry_of)
        ids = self.vocabulary.encode([entry_of[token] for token in different])[0].tolist()
        of_token = dict(zip(different, ids, strict=True))
        if isinstance(tokens, str):
            table = np.zeros(HIGHEST + 1, dtype=np.int64)
            table[[ord(token) for token in different]] = ids
            return np.asarray(table[_code_points(tokens)])
        return np.fromiter(map(of_token.__getitem__, tokens), dtype=np.int64, count=len(tokens))

    def _vocabulary(self, counts: Counter[str]) -> tuple[Vocabulary, tuple[str, ...]]:
        """Keep the most frequent tokens, so that a text of many signs does not make a huge softmax."""
        largest = self.largest_vocabulary
        if len(counts) <= largest:
            return Vocabulary.from_tokens(counts), ()
        note = (
            f"The text has {len(counts):,} different {self.unit}; the {largest} most frequent are learned, "
            "all others count as <unk>."
        )
        return Vocabulary.from_tokens(most_frequent(counts, largest)), (note,)


def _folded(counts: Counter[str], entry_of: Mapping[str, str]) -> Counter[str]:
    """How often each entry of the vocabulary occurs."""
    found: Counter[str] = Counter()
    for token, often in counts.items():
        found[entry_of[token]] += often
    return found


HIGHEST = 0x10FFFF
"""The last code point of Unicode."""


def _code_points(text: str) -> np.ndarray[Any, np.dtype[np.uint32]]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.dtype("<u4"))


def character_counts(text: str) -> Counter[str]:
    """How often each code point occurs; a fiftieth of the time that counting one by one takes."""
    counts = np.bincount(_code_points(text))
    return Counter({chr(code): int(counts[code]) for code in counts.nonzero()[0].tolist()})


def is_unicode(text: str) -> bool:
    """Whether a text has no zeros and no half of a surrogate pair, which stand for no character."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def shipped_text(name: str) -> str:
    """A shipped text file, with line feeds only."""
    return resource_bytes(name).decode("utf-8").replace("\r\n", "\n")


def limited(text: str) -> tuple[str, tuple[str, ...]]:
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
