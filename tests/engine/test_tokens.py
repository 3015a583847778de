"""Text to tokens: one grapheme is one step, nothing raises, and the user is told what changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.engine.errors import SpecError
from rnnviz.engine.graphemes import MAX_CODE_POINTS, graphemes
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.tokens import Vocabulary, bits, characters, words


@pytest.mark.fault(3)
@pytest.mark.parametrize(
    "clusters",
    [
        ["h", "e", "l", "l", "o"],
        ["é", "e\u0301", "a\u0308\u0304", "x"],
        ["👩‍👩‍👧‍👦", "👍🏽", "❤️", "🏳️‍🌈", "a"],
        ["🇫🇷", "🇩🇪", "🇯"],
        ["각", "\u1100\u1161\u11a8", "한", "글"],
        ["נ\u05b8", "ש\u05c1", " ", "ا\u064e", "ل"],
        ["न\u093f", "क\u093e"],
        ["\r\n", "\n", "\r", "a"],
        ["1\ufe0f\u20e3", "👨🏽‍🚀", "🏴\U000e0067\U000e0062\U000e007f"],
        ["👍", "👍", "a\u200d", "b"],
    ],
    ids=str,
)
def test_grapheme_clusters_are_what_a_reader_counts(clusters):
    assert list(graphemes("".join(clusters))) == clusters


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=200)
def test_clusters_put_together_are_the_text(text):
    assert "".join(graphemes(text)) == text
    assert all(graphemes(text))


@pytest.mark.fault(3)
@given(st.text(st.characters(exclude_categories=()), max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_text_gives_tokens_that_can_be_encoded(text):
    for split in (characters, words, bits):
        "".join(split(text).tokens).encode("utf-8")


@pytest.mark.fault(3)
def test_right_to_left_text_keeps_its_logical_order():
    assert characters("שלום").tokens == ("ש", "ל", "ו", "ם")


@pytest.mark.fault(3)
def test_what_is_not_text_is_replaced_and_told():
    result = characters("a\0b\ud800c")
    assert result.tokens == ("a", "\ufffd", "b", "\ufffd", "c")
    assert result.notes == ("2 characters that are not text were replaced by U+FFFD.",)
    assert characters("\0a").notes == ("1 character that is not text was replaced by U+FFFD.",)


@pytest.mark.fault(2)
def test_a_long_text_is_cut_and_told():
    result = characters("abc" * 2000)
    assert len(result.tokens) == 5000
    assert result.notes == ("The text was cut after 5,000 characters (the limit is 5,000).",)
    assert characters("a" * 5000).notes == ()
    assert len(words("one " * 6000).tokens) == 5000


@pytest.mark.fault(2)
def test_of_a_million_characters_the_first_are_kept():
    result = characters("é🇫🇷" * 333_334)
    assert result.tokens == ("é", "🇫🇷") * 2500
    assert len(result.notes) == 1


def test_endless_combining_marks_do_not_make_one_endless_step():
    result = characters("e" + "\u0301" * 1_000_000)
    assert max(map(len, result.tokens)) <= MAX_CODE_POINTS
    assert len(result.notes) == 1


@pytest.mark.fault(1)
@pytest.mark.parametrize("text", [" ", "   \n\t "])
def test_only_spaces_is_an_empty_sequence(text):
    for split in (characters, words, bits):
        assert split(text).tokens == ()
        assert len(split(text).notes) == 1
    assert characters("") == characters("")
    assert characters("").notes == ()


def test_words_keep_apostrophes_and_part_punctuation():
    assert words("Don't stop, x-ray!").tokens == ("Don't", "stop", ",", "x-ray", "!")


def test_bits_keep_and_tell_what_is_neither():
    assert bits("01 1\n0").tokens == ("0", "1", "1", "0")
    result = bits("012a")
    assert result.tokens == ("0", "1", "2", "a")
    assert result.notes == ("2 characters were neither 0 nor 1 and were kept as unknown.",)


@pytest.mark.fault(4)
def test_vocabulary_sorts_and_knows_what_it_does_not_know():
    vocabulary = Vocabulary.from_tokens("hello")
    assert vocabulary.tokens == ("<unk>", "e", "h", "l", "o")
    assert len(vocabulary) == 5
    ids, known = vocabulary.encode(["h", "?", "<unk>", "o"])
    assert ids.tolist() == [2, 0, 0, 4]
    assert known.tolist() == [True, False, False, True]
    assert ids.dtype == np.int64


def test_vocabulary_without_an_unknown_entry():
    vocabulary = Vocabulary.from_tokens("10", unknown=False)
    assert vocabulary.tokens == ("0", "1")
    ids, known = vocabulary.encode(["1", "x"])
    assert ids.tolist() == [1, -1]
    assert known.tolist() == [True, False]
    assert vocabulary.encode([])[0].shape == (0,)


def test_bad_vocabularies_and_limits_are_refused():
    with pytest.raises(SpecError, match="'a' more than once"):
        Vocabulary(("a", "b", "a"))
    with pytest.raises(SpecError, match="from 0 to 1"):
        Vocabulary(("a", "b"), unknown=2)
    with pytest.raises(SpecError, match="at least 1"):
        characters("a", limit=0)


def test_sequences_check_their_lengths_and_cannot_be_overwritten():
    with pytest.raises(SpecError, match="2 tokens, 1 ids, 2 targets and 2 known"):
        EncodedSequence(("a", "b"), np.zeros(1), np.zeros(2), np.ones(2))
    sequence = EncodedSequence(("a",), np.array([3]), np.array([-1]), np.array([True]))
    assert len(sequence) == 1
    with pytest.raises(ValueError, match="read-only"):
        sequence.ids[0] = 0
