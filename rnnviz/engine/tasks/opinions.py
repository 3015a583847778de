"""Opinions about food, films, hotels, shops and journeys, composed of our own words and patterns; seeded.

In more than half of them it matters which word stands where: "not bad", "boring, but worth it", "lovely, although the
plot was weak", "good, but the plot was not". ``python -m rnnviz.engine.tasks.opinions`` writes the table that ships as
``data/sentiment.tsv``.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from rnnviz.engine.tasks.apart import HELD_OUT_EVERY
from rnnviz.engine.tasks.opinion_words import (
    END_SHARES,
    ENDS,
    INTENSE,
    INTENSE_STRONG,
    KINDS,
    MASS,
    PATTERNS,
    PLURAL,
    SHORT,
    STRONG,
    TOPICS,
)
from rnnviz.engine.tasks.sentences import sentence_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Anything = TypeVar("Anything")

COUNT = 3000
SEED = 4
LABELS = ("positive", "negative")
LECTURE = (
    ("The food was really good.", "positive"),
    ("The chicken crossed the road because it was uncooked.", "negative"),
    ("Neat plot. Great acting.", "positive"),
    ("Good, cheap food!", "positive"),
)


class Thing(NamedTuple):
    """What is judged: the noun, and what kind of adjectives fit it."""

    noun: str
    kind: str


class Composer:
    """Draws things, adjectives and patterns."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def sentence(self, label: str) -> str:
        """A sentence of this label."""
        blame = LABELS.index(label)
        patterns = PATTERNS[int(self._rng.choice(len(PATTERNS), p=[share for _, share in PATTERNS]))][0]
        pattern = self._one_of(patterns)
        first, second = self._things(people="[" not in pattern)
        pattern = re.sub(r"\[(.*?)\|(.*?)\]", lambda found: found.group(1 + blame), pattern)
        present = self._rng.random() < 0.25
        slots = self._slots(first, blame, "", present=present) | self._slots(second, blame, "2", present=present)
        filled = self._as_people_write(pattern.format(**slots))
        if filled[-1] not in ".!":
            filled += ENDS[int(self._rng.choice(len(ENDS), p=END_SHARES))]
        return re.sub(r"(^|\. )([a-z])", lambda found: found.group(1) + found.group(2).upper(), filled)

    def _as_people_write(self, sentence: str) -> str:
        """With "wasn't" in place of "was not", and without the comma before "but" and "although", every third time."""
        if self._rng.random() < 1 / 3:
            for full, short in SHORT.items():
                sentence = re.sub(rf"\b{full}\b", short, sentence)
        return sentence if self._rng.random() < 2 / 3 else sentence.replace(", but", " but").replace(", al", " al")

    def _things(self, *, people: bool) -> tuple[Thing, Thing]:
        """Two different things of one topic; the first may be ``people`` or may not."""
        things = [Thing(*each.split("/")) for each in self._one_of(TOPICS).split()]
        first = self._one_of([each for each in things if people or each.kind != "people"])
        return first, self._one_of([each for each in things if each != first])

    def _slots(self, thing: Thing, blame: int, suffix: str, *, present: bool) -> dict[str, str]:
        """What the slots of a pattern stand for, where they are about ``thing``."""
        a, aa = self._two_adjectives(thing, blame)
        b, bb = self._two_adjectives(thing, 1 - blame)
        any_a, any_b = (self._one_of(adjectives("any", side)) for side in (blame, 1 - blame))
        plural = thing.noun in PLURAL
        found = {
            "n": thing.noun,
            "the": f"the {thing.noun}",
            "was": ("are" if plural else "is") if present else ("were" if plural else "was"),
            "past": "were" if plural else "was",
            "it": "they" if plural else "it",
            "an": "" if plural or thing.noun in MASS else "a ",
            "a": a,
            "aa": aa,
            "A": self._intense(a),
            "one": one(a, thing),
            "b": b,
            "bb": bb,
            "B": self._intense(b),
            "one_b": one(b, thing),
            "any_a": any_a,
            "any_b": any_b,
            "both_a": self._intense(any_a),
            "both_b": self._intense(any_b),
            "very_b": self._one_of([word for word in adjectives(thing.kind, 1 - blame) if word not in STRONG]),
        }
        return {f"{slot}{suffix}": word for slot, word in found.items()}

    def _two_adjectives(self, thing: Thing, blame: int) -> tuple[str, str]:
        """Two different ones, each as often of its kind as fitting anything."""
        first = self._one_of(adjectives(self._one_of(("any", thing.kind)), blame))
        second = self._one_of([word for word in adjectives(thing.kind, blame) if word != first])
        return first, second

    def _intense(self, adjective: str) -> str:
        """Every other time with a word of intensity."""
        if self._rng.random() < 0.5:
            return adjective
        return f"{self._one_of(INTENSE_STRONG if adjective in STRONG else INTENSE)} {adjective}"

    def _one_of(self, choices: Sequence[Anything]) -> Anything:
        return choices[int(self._rng.integers(len(choices)))]


def adjectives(kind: str, blame: int) -> list[str]:
    """The adjectives of praise (0) or blame (1) of one kind."""
    return KINDS[kind][blame].split()


def one(adjective: str, thing: Thing) -> str:
    """A thing with its adjective and, where it has one, the indefinite article."""
    if thing.noun in PLURAL | MASS:
        return f"{adjective} {thing.noun}"
    vowel = adjective[0] in "aeiou" and not adjective.startswith("use")
    return f"{'an' if vowel else 'a'} {adjective} {thing.noun}"


def composed_opinions() -> list[tuple[str, str]]:
    """``COUNT`` sentences and labels, the lecture's first; no two the same but for the last mark.

    Every fifth, which is held out, has only words of the others. Half of both parts have each label.
    """
    found = {bare(sentence): (sentence, label) for sentence, label in LECTURE}
    composer, held_out = Composer(SEED), COUNT // HELD_OUT_EVERY
    learned = _more(composer, found, COUNT - held_out, lambda _: True)
    known = {word for sentence, _ in learned for word in sentence_words(sentence)}
    unseen = iter(
        _more(composer, found, COUNT, lambda sentence: known.issuperset(sentence_words(sentence)))[-held_out:]
    )
    step = HELD_OUT_EVERY - 1
    return [row for at in range(0, len(learned), step) for row in (*learned[at : at + step], next(unseen))]


def _more(
    composer: Composer, found: dict[str, tuple[str, str]], count: int, allowed: Callable[[str], bool]
) -> list[tuple[str, str]]:
    """Fill ``found`` up to ``count`` sentences, as many of each label."""
    drawn = Counter(label for _, label in found.values())
    while len(found) < count:
        label = LABELS[drawn["positive"] > drawn["negative"]]
        sentence = composer.sentence(label)
        if bare(sentence) not in found and allowed(sentence):
            found[bare(sentence)] = (sentence, label)
            drawn[label] += 1
    return list(found.values())


def bare(sentence: str) -> str:
    """A sentence without its last mark."""
    return sentence.casefold().rstrip(".!")


def table(rows: Sequence[tuple[str, str]]) -> str:
    """The rows as a file with a header."""
    return "".join(f"{sentence}\t{label}\n" for sentence, label in (("sentence", "label"), *rows))


if __name__ == "__main__":
    sys.stdout.buffer.write(table(composed_opinions()).encode())
