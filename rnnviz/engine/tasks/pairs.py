"""Sentence pairs English - Spanish, composed of our own word lists; seeded, so that they are always the same.

Where Spanish differs in more than its words the pairs show it: no subject pronoun where the verb tells it, adjectives
after the noun and with its gender, no "do" in questions, ``¿`` before them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Anything = TypeVar("Anything")

COUNT = 1500
LECTURE = ("Do you have a pet?", "¿Tienes una mascota?")
SEED = 4


class Noun(NamedTuple):
    """A noun in both languages and its Spanish gender."""

    english: str
    spanish: str
    feminine: bool

    @property
    def a(self) -> str:
        """The Spanish noun with the indefinite article."""
        return f"{'una' if self.feminine else 'un'} {self.spanish}"

    @property
    def the(self) -> str:
        """The Spanish noun with the definite article."""
        return f"{'la' if self.feminine else 'el'} {self.spanish}"


class Quality(NamedTuple):
    """An adjective in both languages, masculine and feminine."""

    english: str
    masculine: str
    feminine: str

    def of(self, noun: Noun) -> str:
        """The form that agrees with ``noun``."""
        return self.feminine if noun.feminine else self.masculine


class Person(NamedTuple):
    """A subject: the pronouns (Spanish: empty where it is left out), the form of the verb, the helper of questions."""

    english: str
    spanish: str
    form: int
    helper: str


class Verb(NamedTuple):
    """English base and third person; Spanish I, you, he or she, we, they."""

    english: str
    third: str
    spanish: tuple[str, str, str, str, str]


NOUNS = (
    Noun("pet", "mascota", True),
    Noun("cat", "gato", False),
    Noun("dog", "perro", False),
    Noun("horse", "caballo", False),
    Noun("house", "casa", True),
    Noun("table", "mesa", True),
    Noun("chair", "silla", True),
    Noun("book", "libro", False),
    Noun("car", "coche", False),
    Noun("bicycle", "bicicleta", True),
    Noun("letter", "carta", True),
    Noun("hat", "sombrero", False),
    Noun("shirt", "camisa", True),
    Noun("apple", "manzana", True),
)
QUALITIES = (
    Quality("red", "rojo", "roja"),
    Quality("white", "blanco", "blanca"),
    Quality("black", "negro", "negra"),
    Quality("small", "pequeño", "pequeña"),
    Quality("new", "nuevo", "nueva"),
    Quality("old", "viejo", "vieja"),
    Quality("big", "grande", "grande"),
    Quality("pretty", "bonito", "bonita"),
)
PEOPLE = (
    Person("I", "", 0, "do"),
    Person("you", "", 1, "do"),
    Person("he", "él", 2, "does"),
    Person("she", "ella", 2, "does"),
    Person("we", "", 3, "do"),
    Person("they", "ellos", 4, "do"),
)
VERBS = (
    Verb("have", "has", ("tengo", "tienes", "tiene", "tenemos", "tienen")),
    Verb("want", "wants", ("quiero", "quieres", "quiere", "queremos", "quieren")),
    Verb("see", "sees", ("veo", "ves", "ve", "vemos", "ven")),
    Verb("buy", "buys", ("compro", "compras", "compra", "compramos", "compran")),
    Verb("need", "needs", ("necesito", "necesitas", "necesita", "necesitamos", "necesitan")),
)
OWNERS = (("my", "mi"), ("your", "tu"))
PLACES = (("in the garden", "en el jardín"), ("in the kitchen", "en la cocina"), ("in the street", "en la calle"))


class Chooser:
    """Draws words; the same in both languages."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def one_of(self, choices: tuple[Anything, ...]) -> Anything:
        """One of ``choices``."""
        return choices[int(self._rng.integers(len(choices)))]

    def thing(self) -> tuple[str, str]:
        """A thing with its indefinite article, every other time with an adjective."""
        noun = self.one_of(NOUNS)
        if self._rng.random() < 0.5:
            return _with_article(noun.english), noun.a
        quality = self.one_of(QUALITIES)
        return _with_article(f"{quality.english} {noun.english}"), f"{noun.a} {quality.of(noun)}"

    def subject(self) -> tuple[str, str, Noun]:
        """A known thing: the cat, my cat."""
        noun = self.one_of(NOUNS)
        if self._rng.random() < 0.5:
            return f"the {noun.english}", noun.the, noun
        english, spanish = self.one_of(OWNERS)
        return f"{english} {noun.english}", f"{spanish} {noun.spanish}", noun


def _with_article(english: str) -> str:
    return f"{'an' if english[0] in 'aeiou' else 'a'} {english}"


def statement(choose: Chooser) -> tuple[str, str]:
    """I have a red car - Tengo un coche rojo."""
    person, verb, (english, spanish) = choose.one_of(PEOPLE), choose.one_of(VERBS), choose.thing()
    form = verb.third if person.form == 2 else verb.english
    return f"{person.english} {form} {english}", f"{person.spanish} {verb.spanish[person.form]} {spanish}".strip()


def negation(choose: Chooser) -> tuple[str, str]:
    """I do not have a car - No tengo un coche."""
    person, verb, (english, spanish) = choose.one_of(PEOPLE), choose.one_of(VERBS), choose.thing()
    spoken = f"{person.english} {person.helper} not {verb.english} {english}"
    return spoken, f"{person.spanish} no {verb.spanish[person.form]} {spanish}".strip()


def question(choose: Chooser) -> tuple[str, str]:
    """As in: Do you have a pet? - ¿Tienes una mascota? (no "do")."""
    person, verb, (english, spanish) = choose.one_of(PEOPLE), choose.one_of(VERBS), choose.thing()
    asked = f"{verb.spanish[person.form]} {person.spanish}".strip().capitalize()
    return f"{person.helper} {person.english} {verb.english} {english}?", f"¿{asked} {spanish}?"


def description(choose: Chooser) -> tuple[str, str]:
    """My cat is black - Mi gato es negro."""
    english, spanish, noun = choose.subject()
    quality = choose.one_of(QUALITIES)
    return f"{english} is {quality.english}", f"{spanish} es {quality.of(noun)}"


def place(choose: Chooser) -> tuple[str, str]:
    """The cat is in the garden - El gato está en el jardín."""
    english, spanish, _ = choose.subject()
    where, donde = choose.one_of(PLACES)
    return f"{english} is {where}", f"{spanish} está {donde}"


def where_is(choose: Chooser) -> tuple[str, str]:
    """Where is the cat? - ¿Dónde está el gato? (estar, not ser)."""
    english, spanish, _ = choose.subject()
    return f"where is {english}?", f"¿Dónde está {spanish}?"


KINDS: tuple[Callable[[Chooser], tuple[str, str]], ...] = (
    statement,
    statement,
    negation,
    question,
    question,
    description,
    place,
    where_is,
)
"""What is drawn from, in equal shares."""


@lru_cache(maxsize=1)
def composed_pairs() -> tuple[tuple[str, str], ...]:
    """``COUNT`` pairs (English, Spanish) of different words; the lecture's is the first.

    Half of the statements have a full stop, in both languages: people type them with and without.
    """
    choose, found = Chooser(SEED), {LECTURE[0]: LECTURE}
    while len(found) < COUNT:
        english, spanish = map(_capital, choose.one_of(KINDS)(choose))
        if not english.endswith("?") and choose.one_of((True, False)):
            found.setdefault(english, (f"{english}.", f"{spanish}."))
        else:
            found.setdefault(english, (english, spanish))
    return tuple(found.values())


def _capital(text: str) -> str:
    """A capital letter at the beginning."""
    return text[0].upper() + text[1:]
