"""Find the year: "In 2009, I went to Nepal", "I went to Nepal in 2009" (after Goodfellow et al. 2016, ch. 10)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.tasks.base import Batch, Task, check_no_corpus, padded
from rnnviz.engine.tasks.sentences import Anything, Example, drop_words, fold
from rnnviz.engine.tasks.symbols import answer_at_end, no_targets
from rnnviz.engine.tokens import Vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rnnviz.engine.spec import TaskSpec

YEARS = tuple(str(year) for year in range(2000, 2020))
PEOPLE = ("I", "we", "they", "Anna", "my brother", "the old teacher", "our neighbours")
ACTIONS = (
    ("went", "to"), ("moved", "to"), ("travelled", "to"), ("flew", "to"), ("came back", "from"),
    ("lived", "in"), ("worked", "in"), ("got married", "in"),
)  # fmt: skip
LANDS = ("Nepal", "Peru", "Norway", "Japan", "Kenya", "Chile", "Greece", "Canada")
COMPANY = ("", "", "with 2 friends", "with 3 children", "for 6 weeks", "for 10 days", "with a dog")
PLACES = ("front", "middle", "end")
"""Where in the sentence the year may stand."""
SHORTEST = 8
DROPPED_WORDS = 0.1
"""Share of the words (never the year) that training replaces by ``<unk>``."""


class Year(Task):
    """Say at the last word which year the sentence names; the baseline is a guess among the 20, ln 20.

    Sentences are built from parts, with the year at the front, in the middle or at the end and with other numbers as
    decoys. Data are made afresh; 1 or 2 of 100 fresh sentences were in the training by chance. :meth:`placed_batch`
    draws for one place only. Measured: the default reaches 100 % in 5 of 5 seeds, after about 200 of its 800 steps (5
    s).
    """

    name = "year"
    title = "Find the year"
    sentence = "The network finds the year wherever it stands in a sentence, since every step has the same weights."
    pattern = "acceptor"
    has_accuracy = True
    example = "In 2009, I went to Nepal"
    default_length = 20
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "gru", "hidden": 32, "embedding": 16}
    default_steps = 800
    makes_data = True

    def __init__(self, spec: TaskSpec) -> None:
        check_no_corpus(spec, self.title)
        super().__init__(spec)
        if self.length < SHORTEST:
            raise SpecError(f"The training length is {self.length}; the sentences of year need at least {SHORTEST}.")
        parts = (*YEARS, *PEOPLE, *(f"{verb} {to}" for verb, to in ACTIONS), *LANDS, *COMPANY, "in , .")
        self.vocabulary = Vocabulary.from_tokens(fold(word) for part in parts for word in words(part).tokens)
        self.output_labels = YEARS
        self.baseline = math.log(len(YEARS))
        self.baseline_label = f"ln {len(YEARS)}"
        self.required_memory = self.length

    def encode(self, text: str) -> EncodedSequence:
        """Each word and punctuation mark is a token; the last has the year as target where there is just one."""
        found = words(text)
        ids, known = self.vocabulary.encode([fold(token) for token in found.tokens])
        years = [token for token in found.tokens if token in YEARS]
        if len(years) == 1:
            targets, notes = answer_at_end(len(ids), YEARS.index(years[0])), found.notes
        else:
            note = f"The text names {len(years)} years from {YEARS[0]} to {YEARS[-1]}; with just one there is a loss."
            targets, notes = no_targets(len(ids)), (*found.notes, note) if len(ids) else found.notes
        return EncodedSequence(found.tokens, ids, targets, known, notes)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw sentences with the year anywhere."""
        return self.placed_batch(rng, size, PLACES)

    def placed_batch(self, rng: np.random.Generator, size: int, places: Sequence[str]) -> Batch:
        """Draw sentences of at most ``length`` words with the year at one of ``places``."""
        rows: list[Example] = []
        while len(rows) < size:
            encoded = self.encode(draw_sentence(rng, places))
            if len(encoded) <= self.length:
                dropped = drop_words(encoded.ids, rng, 0, DROPPED_WORDS)
                is_year = np.array([token in YEARS for token in encoded.tokens])
                rows.append((np.where(is_year, encoded.ids, dropped), encoded.targets))
        return padded(rows)


def pick(rng: np.random.Generator, choices: Sequence[Anything]) -> Anything:
    """Choose one, evenly."""
    return choices[int(rng.integers(len(choices)))]


def draw_sentence(rng: np.random.Generator, places: Sequence[str]) -> str:
    """One sentence that names a year at one of ``places``."""
    year, place, who, company = pick(rng, YEARS), pick(rng, places), pick(rng, PEOPLE), pick(rng, COMPANY)
    verb, to = pick(rng, ACTIONS)
    where = f"{to} {pick(rng, LANDS)}"
    if place == "front":
        parts = [f"in {year}{pick(rng, ('', ','))}", who, verb, where, company]
    elif place == "middle":
        parts = [who, verb, f"in {year}", where, company]
    else:
        parts = [who, verb, where, company, f"in {year}"]
    text = " ".join(part for part in parts if part) + pick(rng, ("", "."))
    return text[0].upper() + text[1:]
