"""Names, titles and sentences of the tasks, in the order of their list; imports nothing, so a window can list them."""

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

SENTENCES: dict[str, str] = {
    "next-char": "The network reads a text one character at a time and guesses, at every step, which one comes next.",
    "next-word": "The network reads a text word by word and guesses, at every step, which word comes next.",
    "parity": "The network reads bits and says at the end whether the number of ones is even or odd.",
    "sentiment": "The network reads a sentence word by word and says at the end whether its author was pleased.",
    "word-labels": "The network says of each word, as it reads, whether it is a noun, a verb, an adjective and so on.",
    "generate": "The network reads one label and writes a text of that kind; each character is its next input.",
    "translation": (
        "One network reads an English sentence into its last state; a second one begins there and writes it in Spanish."
    ),
    "year": "The network finds the year wherever it stands in a sentence, since every step has the same weights.",
    "dna": "The network reads a strand of DNA and says at the end whether the motif TATAAA stood anywhere in it.",
    "copy": "The network reads ten letters, waits, and must then say them again from memory.",
    "temporal-order": (
        "Among many random letters stand two signs, X or Y: the network must say at the end in which order."
    ),
    "reber": "The network learns which signs may follow by a grammar; the last but one repeats the second, far behind.",
    "a-n-b-n": "The network reads some a's and then as many b's: to know where the string ends it must count.",
    "temporal-xor": (
        "The network predicts the next bit of a stream: two of three are random, the third is their exclusive or."
    ),
    "adding": "The network reads numbers, two of them marked, and answers at the end the sum of those two.",
    "series": "The network reads a series of numbers and predicts, at every step, the next one.",
    "flip-flop": "The network reads rare pulses of +1 and −1 on three lines and answers the last pulse of each.",
}
"""What each task teaches, in one sentence, as its class says (tests compare them)."""

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
