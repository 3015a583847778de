"""Sentences with labels from a table: what the tasks on one label a sentence and on one label a word share."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.apart import apart
from rnnviz.engine.tasks.base import Batch, Sample, Task, check_labels, entropy
from rnnviz.engine.tasks.sentences import draw, draw_once, read_table, sentence_words
from rnnviz.engine.tokens import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.apart import Anything, Apart
    from rnnviz.engine.tasks.base import Ids
    from rnnviz.engine.tasks.sentences import Example, Row

    Labelled = tuple[tuple[str, ...], tuple[str, ...]]


class LabelledSentences(Task):
    """Read sentences word by word; ``sample`` is the shipped table, ``columns`` its header.

    Every fifth of the different sentences is held out, with all its repeats, and those longer than ``length`` are left
    out; training replaces the share ``dropped`` of the words by ``<unk>``. The baseline is the entropy of the labels.
    ``_read``: all sentences with their labels, in the order of the table.
    """

    has_accuracy = True
    metric = "held-out accuracy"
    default_length = 40
    sample: ClassVar[str]
    columns: ClassVar[tuple[str, str]]
    dropped: ClassVar[float]

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        rows, notes = read_table(spec, self.sample, self.columns)
        self._read = [self.labelled(row) for row in rows]
        labels = {label for _, labels in self._read for label in labels}
        check_labels("table", len(labels))
        self.output_labels = tuple(sorted(labels))
        self._classes = {label: index for index, label in enumerate(self.output_labels)}
        split = self._apart(self._read)
        learned, held_out = split.learned, split.held_out
        self.vocabulary = Vocabulary.from_tokens(word for sentence, _ in learned for word in sentence)
        self.baseline = entropy(list(Counter(label for _, labels in learned for label in labels).values()))
        self._learned, self._held_out = self._examples(learned), self._examples(held_out)
        if not self._learned:
            raise SpecError(f"No sentence has at most {self.length} words; give a larger training length.")
        self.notes = (*notes, *split.notes(len(self._held_out)))

    def _apart(self, rows: Sequence[Anything]) -> Apart[Anything]:
        """What belongs to the sentences of the table, apart by their words: labels are not read."""
        return apart(rows, (sentence for sentence, _ in self._read), "sentence")

    def labelled(self, row: Row) -> Labelled:
        """The words of a row (as they count) and its labels; SpecError where they do not fit."""
        return sentence_words(row.sentence), (row.label,)

    @abstractmethod
    def targets(self, steps: int, labels: Sequence[str]) -> Ids:
        """The targets ``(steps,)`` of a sentence with these labels."""

    def _examples(self, sentences: Sequence[Labelled]) -> list[Example]:
        """Ids and targets of the sentences that are not longer than ``length``."""
        return [
            (self.vocabulary.encode(words)[0], self.targets(len(words), labels))
            for words, labels in sentences
            if len(words) <= self.length
        ]

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw sentences that are learned, a share of their words replaced by ``<unk>``."""
        return draw(self._learned, rng, size, self.dropped)

    def validation_batch(self, rng: np.random.Generator, size: int) -> Batch | None:
        """Draw held-out sentences; None where a table of the user's own is too short to hold any out."""
        return draw_once(self._held_out, rng, size) if self._held_out else None

    def written(self, rng: np.random.Generator, size: int, *, held_out: bool) -> list[Sample]:
        """Sentences of the table, each with the labels of its own row: the same sentence may have others elsewhere."""
        rows = read_table(self.spec, self.sample, self.columns)[0]
        split = self._apart(list(zip(self._read, rows, strict=True)))
        part = list(dict(reversed(split.held_out if held_out else split.learned)).items())[::-1]
        found = []
        for index in rng.permutation(len(part))[:size].tolist():
            (words, labels), row = part[index]
            if len(words) <= self.length:
                found.append(Sample(row.sentence, self.vocabulary.encode(words)[0], self.targets(len(words), labels)))
        return found
