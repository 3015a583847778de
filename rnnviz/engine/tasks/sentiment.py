"""Sentiment: a short sentence, and at its end one answer, positive or negative."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.tasks.base import Batch, Task, entropy
from rnnviz.engine.tasks.sentences import draw, draw_once, every_fifth, fold, read_table, sentence_words
from rnnviz.engine.tasks.symbols import answer_at_end, no_targets
from rnnviz.engine.tokens import Vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.sentences import Example

    Labelled = tuple[tuple[str, ...], str]

SAMPLE = "data/sentiment.tsv"
COLUMNS = ("sentence", "label")
MAX_LABELS = 100
DROPPED_WORDS = 0.05
"""Share of the words that training replaces by ``<unk>``."""


class Sentiment(Task):
    """Label a sentence at its last word; the baseline is the majority answer, ln 2 for the shipped data (half each).

    Held out is every fifth of the 2,000 shipped sentences (composed by opinions.py: new sentences of known words), or
    of the user's own table (header ``sentence`` tab ``label``; any labels). A typed sentence of the data has its label
    as target; any other is answered without a loss. Measured over 5 seeds: the default answers 95.2 to 99.0 % of the
    400 held-out sentences right after 2,000 steps, 6 s (92.0 to 98.0 % after 1,000), and the lecture's four in every
    seed. Which words there are is not enough: "not bad", "lovely, although the plot was weak" ask for their order. The
    best linear answer from the counts of words (ridge or logistic regression) has 74 % in training, 66.5 % held out.
    """

    name = "sentiment"
    title = "Sentiment"
    sentence = "The network reads a sentence word by word and says at the end whether its author was pleased."
    pattern = "acceptor"
    has_accuracy = True
    example = "The food was really good."
    default_length = 40
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "lstm", "hidden": 24, "embedding": 12}
    default_training: ClassVar[Mapping[str, Any]] = {
        "optimiser": "adam",
        "learning_rate": 0.01,
        "batch_size": 32,
        "clip": 1.0,
    }
    default_steps = 2000
    metric = "held-out accuracy"

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        rows, self.notes = read_table(spec, SAMPLE, COLUMNS)
        counts = Counter(row.label for row in rows)
        if not 2 <= len(counts) <= MAX_LABELS:
            many = "1 different label" if len(counts) == 1 else f"{len(counts)} different labels"
            raise SpecError(f"The table has {many}; give 2 to {MAX_LABELS}.")
        read = [(sentence_words(row.sentence), row.label) for row in rows]
        learned, held_out = every_fifth(read)
        self.vocabulary = Vocabulary.from_tokens(word for sentence, _ in learned for word in sentence)
        self.output_labels = tuple(sorted(counts))
        self.baseline = entropy(list(Counter(label for _, label in learned).values()))
        self.baseline_label = "majority"
        self._learned, self._held_out = self._examples(learned), self._examples(held_out)
        if not self._learned:
            raise SpecError(f"No sentence has at most {self.length} words; give a larger training length.")
        self._labels = {without_stop(sentence): label for sentence, label in read} | dict(read)
        self.required_memory = max(len(ids) for ids, _ in self._learned)

    def _examples(self, rows: Sequence[Labelled]) -> list[Example]:
        """Ids and targets of sentences that are not longer than ``length``."""
        classes = {label: index for index, label in enumerate(self.output_labels)}
        found = []
        for sentence, label in rows:
            if len(sentence) <= self.length:
                ids, _ = self.vocabulary.encode(sentence)
                found.append((ids, answer_at_end(len(ids), classes[label])))
        return found

    def encode(self, text: str) -> EncodedSequence:
        """Each word and punctuation mark is a token; only the last step of a sentence of the data has a target.

        A full stop at the end makes no difference there, unless the data have the sentence with both.
        """
        found = words(text)
        folded = tuple(fold(token) for token in found.tokens)
        ids, known = self.vocabulary.encode(folded)
        label = self._labels.get(folded, self._labels.get(without_stop(folded)))
        targets, notes = no_targets(len(ids)), found.notes
        if label is not None:
            targets = answer_at_end(len(ids), self.output_labels.index(label))
        elif len(ids):
            notes = (*notes, "This sentence is not in the data, so its label is unknown: an answer, but no loss.")
        return EncodedSequence(found.tokens, ids, targets, known, notes)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw sentences that are learned, every twentieth word replaced by ``<unk>``."""
        return draw(self._learned, rng, size, DROPPED_WORDS)

    def validation_batch(self, rng: np.random.Generator, size: int) -> Batch | None:
        """Draw held-out sentences; None where a table of the user's own is too short to hold any out."""
        return draw_once(self._held_out, rng, size) if self._held_out else None


def without_stop(sentence: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a sentence without the full stop at its end."""
    return sentence[:-1] if len(sentence) > 1 and sentence[-1] == "." else sentence
