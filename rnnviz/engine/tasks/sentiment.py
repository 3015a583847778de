"""Sentiment: a short sentence, and at its end one answer, positive or negative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.tasks.labelled import LabelledSentences
from rnnviz.engine.tasks.sentences import fold
from rnnviz.engine.tasks.symbols import answer_at_end, no_targets
from rnnviz.engine.tokens import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.base import Ids


class Sentiment(LabelledSentences):
    """Label a sentence at its last word; the baseline is the majority answer, ln 2 for the shipped data (half each).

    Held out is every fifth of the 3,000 shipped sentences (composed by opinions.py: new sentences of known words), or
    of the different ones of the user's own table (header ``sentence`` tab ``label``; any labels). A typed sentence of
    the data has its label as target; any other is answered without a loss. Measured over 5 seeds: the default answers
    98.2 to 99.7 % of the 600 held-out sentences right after 2,500 steps, 7 to 9 s of one core (97.0 to 99.3 % after
    1,000), and the lecture's four in every seed. Of 500 other sentences that leave an adjective out ("good, but the
    clerk was not") it answers 98.2 to 99.8 % (94.0 to 98.8 % after 1,000). Which words there are is not enough: "not
    bad", "lovely, although the plot was weak" ask for their order. The best linear answer from the counts of words
    (ridge or logistic regression) has 70 % in training and 59 % held out.
    """

    name = "sentiment"
    title = "Sentiment"
    sentence = "The network reads a sentence word by word and says at the end whether its author was pleased."
    pattern = "acceptor"
    example = "The food was really good."
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "lstm", "hidden": 24, "embedding": 12}
    default_steps = 2500
    sample = "data/sentiment.tsv"
    columns = ("sentence", "label")
    dropped = 0.05

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        self.baseline_label = "majority"
        labels = [(sentence, label) for sentence, (label,) in self._read]
        self._labels = {without_stop(sentence): label for sentence, label in labels} | dict(labels)
        self.required_memory = max(len(ids) for ids, _ in self._learned)

    def targets(self, steps: int, labels: Sequence[str]) -> Ids:
        """The one label at the last word."""
        return answer_at_end(steps, self._classes[labels[0]])

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
            targets = self.targets(len(ids), (label,))
        elif len(ids):
            notes = (*notes, "This sentence is not in the data, so its label is unknown: an answer, but no loss.")
        return EncodedSequence(found.tokens, ids, targets, known, notes)


def without_stop(sentence: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a sentence without the full stop at its end."""
    return sentence[:-1] if len(sentence) > 1 and sentence[-1] == "." else sentence
