"""Text from a label: the network reads one word, such as "song", and writes a text of that kind."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import NO_TARGET, EncodedSequence
from rnnviz.engine.tasks.apart import apart, unlike
from rnnviz.engine.tasks.base import Batch, Flags, Floats, Ids, Task, check_labels, entropy, mean_loss, most_frequent
from rnnviz.engine.tasks.sentences import draw, draw_once, dropped, fold, read_table
from rnnviz.engine.tasks.symbols import nothing
from rnnviz.engine.tasks.typed import COLON, END_TOKEN, label_and_text
from rnnviz.engine.tokens import UNKNOWN_TOKEN, Vocabulary, characters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.sentences import Example, Row

SAMPLE = "data/generate.tsv"
COLUMNS = ("label", "text")
MAX_CHARACTERS = 500
"""So many different characters are learned, the most frequent ones."""


class Generate(Task):
    """Write a text character by character after its label; the baseline is the entropy of the characters.

    The first input is the label, then each step reads the character before it: the wanted one in training, its own
    afterwards, until ``<end>``. Held out is every fifth of the 400 shipped texts (100 for each of four labels), or
    every fifth different text of the user's own table (header ``label`` tab ``text``), whatever its label. The metric
    is the loss per character (``<end>`` is one) on those, teacher-forced: ln 28 = 3.33 untrained. Measured over 5
    seeds: the default reaches 0.42 to 0.46 after 400 steps, 3 s, and 0.82 to 1.06 when the same texts stand after a
    wrong label; of 40 texts drawn at the temperature 0.7 between 24 and 27 are none that it has read.
    """

    name = "generate"
    title = "Text from a label"
    sentence = "The network reads one label and writes a text of that kind; each character is its next input."
    pattern = "one-to-sequence"
    has_accuracy = False
    example = "song: I stay out too late"
    default_length = 60
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "gru", "hidden": 64, "embedding": 16}
    default_steps = 400
    metric = "held-out loss per character in nats"
    lower_is_better = True

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        rows, notes = read_table(spec, SAMPLE, COLUMNS)
        split = apart(rows, (characters(row.label).tokens for row in rows), "text")
        learned = split.learned
        self.labels = tuple(sorted({fold(row.sentence) for row in rows}))
        check_labels("table", len(self.labels))
        counts = Counter(sign for row in learned for sign in characters(row.label).tokens)
        signs = most_frequent(counts, MAX_CHARACTERS)
        self.vocabulary = Vocabulary((UNKNOWN_TOKEN, *(label + COLON for label in self.labels), *signs), 0)
        self.output_labels = (*signs, END_TOKEN)
        self.end_class = len(signs)
        self.feeds = (*(self._first_sign + index for index in range(len(signs))), -1)
        self.baseline = entropy([*(counts[sign] for sign in signs), len(learned)])
        self.baseline_label = "character frequencies"
        self._learned = self._examples(learned)
        if not self._learned:
            raise SpecError(f"No text has fewer than {self.length} characters; give a larger training length.")
        self._held_out = unlike(self._examples(split.held_out), self._learned)
        many = dropped("The texts have", len(counts), "characters", MAX_CHARACTERS)
        self.notes = (*notes, *many, *split.notes(len(self._held_out)))
        self._labels = {row.label: row.sentence for row in rows}
        self.required_memory = max(len(ids) for ids, _ in self._learned)

    @property
    def _first_sign(self) -> int:
        """The id of the first character; before it come ``<unk>`` and the labels."""
        return 1 + len(self.labels)

    def _examples(self, rows: Sequence[Row]) -> list[Example]:
        """Ids and targets of the texts that have, with their label, at most ``length`` steps."""
        found = []
        for row in rows:
            ids, _ = self._ids(row.sentence, characters(row.label).tokens)
            if len(ids) <= self.length:
                found.append((ids, self._targets(ids)))
        return found

    def _ids(self, label: str, signs: Sequence[str]) -> tuple[Ids, Flags]:
        """Ids (T,) of a label and its characters, and which are known; a capital letter may count as a small one."""
        known = frozenset(self.output_labels)
        entries = [sign if sign in known else fold(sign) for sign in signs]
        return self.vocabulary.encode([fold(label) + COLON, *entries])

    def _targets(self, ids: Ids) -> Ids:
        """At each step the next character, at the last the end; an unknown character is no target."""
        assert self.end_class is not None
        following = np.append(ids[1:] - self._first_sign, self.end_class)
        return np.where(following < 0, NO_TARGET, following)

    def encode(self, text: str) -> EncodedSequence:
        """``label: text`` has a loss at every step; after a ``label`` alone the network writes by itself."""
        typed = label_and_text(text)
        if not typed.first:
            return nothing(typed.notes)
        ids, known = self._ids(typed.first[0], typed.second)
        targets = self._targets(ids) if typed.second else np.array([NO_TARGET])
        return EncodedSequence(
            (*typed.first, *typed.second),
            ids,
            targets,
            known,
            (*typed.notes, *self._said(typed.first[0], known)),
            fed=np.arange(len(ids)) > 0,
            open=not typed.second,
        )

    def _said(self, label: str, known: Flags) -> tuple[str, ...]:
        """What the user should know about a label that is not one, and about unknown characters."""
        if label in self._labels:
            return (f"The data have this text with a label: type '{self._labels[label]}: {label}'.",)
        if not known[0]:
            names = ", ".join(self.labels[:8]) + (", ..." if len(self.labels) > 8 else "")
            return (f"There is no label {label[:40]!r}; begin with one of {names}, as in {self.labels[0] + COLON!r}.",)
        return () if known.all() else ("A character that the data do not have is no target.",)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw labelled texts that are learned."""
        return draw(self._learned, rng, size, 0.0)

    def validation_batch(self, rng: np.random.Generator, size: int) -> Batch | None:
        """Draw held-out texts; None where a table of the user's own is too short to hold any out."""
        return draw_once(self._held_out, rng, size) if self._held_out else None

    def score(self, probabilities: Floats, batch: Batch) -> float:
        """Return the mean loss in nats."""
        return mean_loss(probabilities, batch)
