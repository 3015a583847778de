"""Word labels: what kind of word each word of a sentence is (pronoun, verb, adjective, noun ...)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import NO_TARGET, EncodedSequence
from rnnviz.engine.tasks.labelled import LabelledSentences
from rnnviz.engine.tasks.sentences import fold, sentence_words
from rnnviz.engine.tokens import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.base import Ids
    from rnnviz.engine.tasks.labelled import Labelled
    from rnnviz.engine.tasks.sentences import Row


class WordLabels(LabelledSentences):
    """Label every word; the baseline is the entropy of the labels, what one learns without looking at the words.

    Some words are of two kinds ("I light a fire", "a light bag"), so that the words before them decide. Held out is
    every fifth of the 200 shipped sentences, or of the different ones of the user's own table (header ``sentence`` tab
    ``labels``, both with spaces between). A typed sentence of the data has its labels as targets; in any other, a word
    that has only one label in the data has that. Measured over 5 seeds: the default reaches 98.5 to 99.5 % held out
    after 600 steps, 2 s.
    """

    name = "word-labels"
    title = "Word labels"
    sentence = "The network says of each word, as it reads, whether it is a noun, a verb, an adjective and so on."
    pattern = "transducer"
    example = "I like red apples"
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "gru", "hidden": 16, "embedding": 8}
    default_steps = 600
    sample = "data/word-labels.tsv"
    columns = ("sentence", "labels")
    dropped = 0.1

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        self.baseline_label = "label frequencies"
        self._labels = dict(self._read)
        self._single = single_labels(self._read)

    def labelled(self, row: Row) -> Labelled:
        """The words of a row and as many labels."""
        found, labels = sentence_words(row.sentence), tuple(row.label.split())
        if len(found) != len(labels):
            counts = f"{_counted(len(found), 'word')} and {_counted(len(labels), 'label')}"
            raise SpecError(f"Line {row.line} has {counts}; give one label a word.")
        return found, labels

    def targets(self, steps: int, labels: Sequence[str]) -> Ids:
        """The class of each label; none for the empty label."""
        del steps
        return np.array([self._classes.get(label, NO_TARGET) for label in labels], dtype=np.int64)

    def encode(self, text: str) -> EncodedSequence:
        """Each word and punctuation mark is a token; a word has a target where the data leave no doubt."""
        found = words(text)
        folded = tuple(fold(token) for token in found.tokens)
        ids, known = self.vocabulary.encode(folded)
        labels = self._labels.get(folded) or tuple(self._single.get(word, "") for word in folded)
        open_words = [token for token, label in zip(found.tokens, labels, strict=True) if not label]
        notes = found.notes
        if open_words:
            notes = (*notes, f"The data do not decide the label of {open_words[0]!r} here, so it has no loss.")
        return EncodedSequence(found.tokens, ids, self.targets(len(ids), labels), known, notes)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def single_labels(sentences: Iterable[Labelled]) -> dict[str, str]:
    """The label of each word that never has another one."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for found, labels in sentences:
        for word, label in zip(found, labels, strict=True):
            kinds[word].add(label)
    return {word: next(iter(labels)) for word, labels in kinds.items() if len(labels) == 1}
