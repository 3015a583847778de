"""Names and titles of the tasks, in the order in which they are listed; imports nothing, so a window can list them."""

from __future__ import annotations

TITLES: dict[str, str] = {
    "next-char": "Next character",
    "next-word": "Next word",
    "parity": "Parity",
    "sentiment": "Sentiment",
    "word-labels": "Word labels",
    "generate": "Text from a label",
    "translation": "Translation",
    "year": "Find the year",
    "dna": "DNA motif",
    "copy": "Copy memory",
    "temporal-order": "Temporal order",
    "reber": "Reber grammar",
    "a-n-b-n": "Counting: aⁿbⁿ",
    "temporal-xor": "Temporal XOR",
    "adding": "Adding problem",
    "series": "Time series",
    "flip-flop": "3-bit flip-flop",
}
"""Title of each task by its name."""

PATTERNS: dict[str, str] = {
    "next-char": "transducer",
    "next-word": "transducer",
    "parity": "acceptor",
    "sentiment": "acceptor",
    "word-labels": "transducer",
    "generate": "one-to-sequence",
    "translation": "encoder-decoder",
    "year": "acceptor",
    "dna": "acceptor",
    "copy": "transducer",
    "temporal-order": "acceptor",
    "reber": "transducer",
    "a-n-b-n": "transducer",
    "temporal-xor": "transducer",
    "adding": "acceptor",
    "series": "transducer",
    "flip-flop": "transducer",
}
"""Usage pattern of each task, as its class says (tests compare them)."""
