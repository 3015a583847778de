"""The words and patterns that opinions are composed of (opinions.py): all of them our own."""

from __future__ import annotations

KINDS = {
    "any": (
        "good great lovely wonderful excellent nice fine brilliant pleasant",
        "bad terrible awful poor horrible disappointing unpleasant dreadful",
    ),
    "food": ("tasty fresh cheap delicious", "cold salty raw uncooked tasteless burnt"),
    "drink": ("tasty hot fresh cheap", "cold bitter stale tasteless"),
    "story": ("neat funny clever moving exciting", "silly boring dull weak predictable"),
    "place": ("clean quiet bright cosy comfortable", "dirty noisy dark tiny damp"),
    "seat": ("clean soft new comfortable", "dirty hard old tiny"),
    "goods": ("cheap useful sturdy beautiful", "broken useless overpriced ugly"),
    "ride": ("fast punctual smooth safe", "late slow crowded bumpy"),
    "people": ("friendly kind helpful polite", "rude unfriendly careless lazy"),
}
"""Adjectives of praise and of blame for each kind of thing; "any" fit all of them."""

TOPICS = (
    "food/food soup/food chicken/food fish/food pizza/food wine/drink coffee/drink waiter/people service/people "
    "table/seat",
    "film/story plot/story acting/story music/story ending/story show/story actors/people seats/seat",
    "room/place bed/seat bathroom/place hotel/place breakfast/food staff/people owner/people",
    "jacket/goods shoes/goods lamp/goods phone/goods shop/place clerk/people",
    "train/ride bus/ride flight/ride ferry/ride driver/people guide/people seats/seat",
)
"""What is named together, each with its kind."""

PLURAL = frozenset(("shoes", "seats", "actors"))
MASS = frozenset(("food", "coffee", "wine", "service", "acting", "music", "staff"))
STRONG = frozenset(
    (
        *("great", "wonderful", "excellent", "brilliant", "delicious", "terrible", "awful", "horrible", "dreadful"),
        *("raw", "uncooked", "burnt", "broken", "useless", "late"),
    )
)
"""Adjectives that "very" does not go with."""
INTENSE, INTENSE_STRONG = ("very", "really", "so", "quite", "extremely"), ("really", "truly", "simply", "absolutely")

PLAIN = (
    "{the} {was} {A}",
    "{the} {was} {A}",
    "{it} {was} {A}",
    "{the} {was} {a} and {the2} {was2} {A2}",
    "{the} {was} not only {a} but also {aa}",
    "{the} {was} both {a} and {aa}",
    "{a} {n}, {a2} {n2}",
    "{a} {n}. {A2} {n2}.",
    "{a}, {aa} {n}!",
    "{A}.",
    "what {one}!",
    "{one} and {one2}",
    "I thought {the} {past} {A}",
    "we found {the} {A}",
)
NEGATED = (
    "{the} {was} not {b}",
    "{the} {was} not {b}",
    "{the} {was} not {b} at all",
    "{it} {was} not {b} at all",
    "{the} {was} not very {very_b}",
    "{the} {was} not that {very_b}",
    "{the} {was} never {b}",
    "{the} {was} far from {b}",
    "{the} {was} anything but {b}",
    "{the} {was} hardly {very_b}",
    "{the} {was} neither {b} nor {bb}",
    "not {b} at all",
    "not {one_b}",
    "I did not find {the} {b}",
    "I do not think that {the} {was} {b}",
    "nobody would call {the} {b}",
)
CONTRAST = (
    "{the} {was} {B}, but {the2} {was2} {A2}",
    "{the} {was} {b}, but {the2} {was2} not {b2}",
    "{the} {was} not {a}, but {the2} {was2} {A2}",
    "{b} {n}, but {A2} {n2}",
    "although {the} {was} {b}, {the2} {was2} {A2}",
    "{the} {was} {A}, although {the2} {was2} {b2}",
    "despite the {b} {n}, {the2} {was2} {a2}",
    "{the} {was} {a} despite the {b2} {n2}",
    "{the} {past} {b} at first, but {aa} in the end",
    "I expected {one_b}, but {the} {past} {a}",
    "they said {the} {was} {b}, but I do not agree",
    "{b}, but [worth it|not worth it]",
    "{b} but [worth it|not worth it]",
    "{the} {was} {b} but [worth it|not worth the money]",
)
ELLIPTICAL = (
    "{the} {was} {both_b}, but {the2} {was2} not",
    "{the} {was} {both_b}, but {the2} {was2} not",
    "{the} {was} not {any_a}, but {the2} {was2}",
    "although {the} {was} {both_b}, {the2} {was2} not",
    "{the} {was} {both_a}, and so {was2} {the2}",
    "{the} {was} not {any_b}, and neither {was2} {the2}",
)
REASON = (
    "we [stayed|left] because {the} {past} {A}",
    "because {the} {past} {A}, we [stayed|left]",
    "I will [|not ]come back because {the} {past} {A}",
    "I told [everyone|nobody] about {the} because {it} {past} {A}",
)
PHRASES = (
    "I [loved|hated] {the}",
    "I [liked|did not like] {the}",
    "the [best|worst] {n} in town",
    "I really [enjoyed|disliked] {the}",
    "I did not [hate|love] {the}",
    "we did not [dislike|enjoy] {the}",
    "I have never had {an}[better|worse] {n}",
    "{the} could not be [better|worse]",
    "{the} {past} [better|worse] than expected",
    "you will [not |]be disappointed by {the}",
    "you will [not |]regret {the}",
    "I would [|not ]recommend {the}",
    "I would [|not ]come back for {the}",
    "{the} {was} [worth every cent|not worth a cent]",
    "{the} {was} [worth the money|a waste of money]",
    "{the} {was} not [a waste of|worth my] time",
    "{the} did not [disappoint|impress] me",
    "there was nothing [bad|good] about {the}",
)
PATTERNS = (
    (PLAIN, 0.19), (NEGATED, 0.24), (CONTRAST, 0.22), (ELLIPTICAL, 0.12), (REASON, 0.06), (PHRASES, 0.17),
)  # fmt: skip
"""Patterns and their share: ``a`` agrees with the label, ``b`` is the opposite; ``[praise|blame]``.

Where an adjective is left out, the one before it counts: it fits anything (``any_a``, ``both_a`` with its intensity).
"""
ENDS, END_SHARES = (".", "", "!"), (0.6, 0.3, 0.1)
SHORT = {
    "was not": "wasn't",
    "were not": "weren't",
    "is not": "isn't",
    "are not": "aren't",
    "did not": "didn't",
    "do not": "don't",
    "will not": "won't",
    "would not": "wouldn't",
}
"""What is written short every third time."""
