"""The composed opinions: what ships, that labels follow from the words, and that counting words is not enough."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from rnnviz.engine.tasks import opinions
from rnnviz.engine.tasks.corpus import shipped_text
from rnnviz.engine.tasks.opinion_words import KINDS, PATTERNS
from rnnviz.engine.tasks.opinions import COUNT, LECTURE, Composer, bare, composed_opinions, table
from rnnviz.engine.tasks.sentences import sentence_words

ROWS = composed_opinions()
PARTS = [row for place, row in enumerate(ROWS, 1) if place % 5], ROWS[4::5]
"""What is learned and what is held out."""
PRAISE, BLAME = ({word for pair in KINDS.values() for word in pair[side].split()} for side in (0, 1))


def test_the_shipped_table_is_what_is_composed() -> None:
    assert shipped_text("data/sentiment.tsv") == table(ROWS)


def test_the_sentences_are_different_and_balanced_and_the_lectures_come_first() -> None:
    assert len({bare(sentence) for sentence, _ in ROWS}) == len(ROWS) == COUNT
    assert Counter(label for _, label in ROWS) == {"positive": COUNT // 2, "negative": COUNT // 2}
    assert tuple(ROWS[: len(LECTURE)]) == LECTURE
    for sentence, _ in ROWS:
        assert sentence[0].isupper()
        assert not re.search(r"[{}\[\]|]|  |\ba [aeio]|\ban [^aeiou]", sentence)


def test_no_adjective_is_praise_and_blame() -> None:
    assert not PRAISE & BLAME


@pytest.mark.parametrize(
    ("pattern", "flips"),
    [
        (r"^The \w+ (?:was|were|is|are) (\w+)$", False),
        (r"^What (?:an? )?(\w+) \w+$", False),
        (r"^The \w+ (?:was|were|is|are) (?:not|never|far from|anything but) (\w+)(?: at all)?$", True),
        (r"^The \w+ (?:was|is) both \w+ and (\w+)$", False),
        (r"^The \w+ (?:was|is) not only \w+ but also (\w+)$", False),
        (r"^The \w+ .*,? but the \w+ (?:was|were|is|are) (\w+)$", False),
        (r"^The \w+ (?:was|were|is|are) (\w+),? although the ", False),
        (r"^They said the \w+ (?:was|is) (\w+),? but I (?:don't|do not) agree$", True),
        (r"^(?:The \w+ (?:was|is) )?(\w+) but worth it$", True),
    ],
)
def test_the_label_follows_from_the_words_and_their_order(pattern: str, flips: bool) -> None:
    found = [
        (match.group(1), label) for sentence, label in ROWS if (match := re.search(pattern, sentence.rstrip(".!")))
    ]
    judged = [(word, label) for word, label in found if word in PRAISE | BLAME]
    assert len(judged) >= 5
    for word, label in judged:
        assert label == ("positive" if (word in PRAISE) != flips else "negative")


@pytest.mark.parametrize("pattern", [pattern for patterns, _ in PATTERNS for pattern in dict.fromkeys(patterns)])
@pytest.mark.parametrize("label", ["positive", "negative"])
def test_every_pattern_is_filled(pattern: str, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinions, "PATTERNS", (((pattern,), 1.0),))
    fixed = re.split(r"{\w+}|\[.*?\]", pattern.casefold().rstrip(".!"))
    composer, shape = Composer(1), r"[\w' ]*".join(map(re.escape, fixed)).replace(",", ",?")
    drawn = {composer.sentence(label) for _ in range(30)}
    assert len(drawn) > 10
    for sentence in drawn:
        assert set(sentence_words(sentence)) & (PRAISE | BLAME) or "[" in pattern
        plain = re.sub(r"(\w+)n't\b", r"\1 not", sentence.casefold().replace("won't", "will not"))
        assert re.fullmatch(shape, plain.rstrip(".!")), sentence


@pytest.mark.parametrize(
    ("pattern", "flips"),
    [
        (r"^The \w+ (?:was|were|is|are) (?:\w+ )?(\w+),? but the \w+ (?:was|were|is|are)(?: not|n't)$", True),
        (r"^The \w+ (?:was|were|is|are)(?: not|n't) (\w+),? but the \w+ (?:was|were|is|are)$", False),
        (r"^Although the \w+ (?:was|were|is|are) (?:\w+ )?(\w+), the \w+ (?:was|were|is|are)(?: not|n't)$", True),
        (r"^The \w+ (?:was|were|is|are) (?:\w+ )?(\w+), and so (?:was|were|is|are) the \w+$", False),
        (r"^The \w+ (?:was|were|is|are)(?: not|n't) (\w+), and neither (?:was|were|is|are) the \w+$", True),
    ],
)
def test_where_an_adjective_is_left_out_the_one_before_it_counts(pattern: str, flips: bool) -> None:
    for part in PARTS:
        found = [
            (match.group(1), label) for sentence, label in part if (match := re.search(pattern, sentence.rstrip(".!")))
        ]
        assert len(found) >= 5
        for word, label in found:
            assert label == ("positive" if (word in PRAISE) != flips else "negative")


def test_counting_words_is_not_enough() -> None:
    """The best linear answer from the counts of words (ridge regression) misses a third of the held-out sentences."""
    words = sorted({word for sentence, _ in ROWS for word in sentence_words(sentence)})
    column = {word: index for index, word in enumerate(words)}

    def counted(rows: list[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
        counts = np.zeros((len(rows), len(words)))
        for row, (sentence, _) in enumerate(rows):
            np.add.at(counts[row], [column[word] for word in sentence_words(sentence)], 1.0)
        return counts, np.array([1.0 if label == "positive" else -1.0 for _, label in rows])

    (learned, wanted), (new, expected) = (counted(part) for part in PARTS)
    for strength in (0.1, 1.0, 10.0):
        weight = np.linalg.solve(learned.T @ learned + strength * np.eye(len(words)), learned.T @ wanted)
        assert 0.55 < float(((new @ weight > 0) == (expected > 0)).mean()) < 0.7
