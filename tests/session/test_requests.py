from __future__ import annotations

from rnnviz.service.messages import Differentiate, Pause, Unroll
from rnnviz.session import requests as module
from rnnviz.session.requests import Requests


class Wire:
    """Takes every command, as a process that runs would."""

    def __init__(self):
        self.sent = []
        self.open = True

    def __call__(self, command):
        self.sent.append(command)
        return self.open

    @property
    def texts(self):
        return [command.text for command in self.sent if isinstance(command, Unroll)]


def test_one_in_flight_and_the_newest_waiting():
    wire = Wire()
    requests = Requests(wire)
    for text in "abcdef":
        requests.ask("unroll", Unroll(text=text))
    assert wire.texts == ["a"]
    requests.answered(wire.sent[0].request)
    assert wire.texts == ["a", "f"]
    assert requests.is_open("unroll")
    requests.answered(wire.sent[1].request)
    assert wire.texts == ["a", "f"]
    assert not requests.is_open("unroll")


def test_answers_in_another_order_or_twice_change_nothing():
    wire = Wire()
    requests = Requests(wire)
    requests.ask("unroll", Unroll(text="a"))
    requests.ask("unroll", Unroll(text="b"))
    requests.answered(999)
    assert wire.texts == ["a"]
    requests.answered(wire.sent[0].request)
    requests.answered(wire.sent[0].request)
    assert wire.texts == ["a", "b"]


def test_an_answer_belongs_to_the_text_it_was_asked_about():
    wire = Wire()
    requests = Requests(wire)
    requests.ask("unroll", Unroll(text="a"))
    requests.ask("gradients", Differentiate())
    first_unroll, first_gradients = (command.request for command in wire.sent)
    assert requests.epoch_of("unroll", first_unroll) == first_unroll
    assert requests.epoch_of("gradients", first_gradients) == first_unroll
    requests.answered(first_unroll)
    requests.ask("unroll", Unroll(text="b"))
    # Asked about "a", answered after "b" was asked for: still of the epoch of "a".
    assert requests.epoch_of("gradients", first_gradients) == first_unroll != requests.epoch
    requests.answered(first_gradients)
    requests.ask("gradients", Differentiate(loss_step=2))
    assert requests.epoch_of("gradients", first_gradients) is None
    assert requests.epoch_of("gradients", wire.sent[-1].request) == requests.epoch


def test_an_answer_that_never_comes_does_not_block_for_ever(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    wire = Wire()
    requests = Requests(wire)
    requests.ask("unroll", Unroll(text="a"))
    now[0] = module.PATIENCE_S - 1
    requests.ask("unroll", Unroll(text="b"))
    assert wire.texts == ["a"]
    now[0] = module.PATIENCE_S + 1
    requests.ask("unroll", Unroll(text="c"))
    assert wire.texts == ["a", "c"]
    assert requests.epoch_of("unroll", wire.sent[0].request) is None


def test_what_waits_for_ever_goes_out_at_last(monkeypatch):
    now, waits = [0.0], []
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    wire = Wire()
    requests = Requests(wire, waits=lambda: waits.append(now[0]))
    requests.ask("unroll", Unroll(text="a"))
    assert not waits
    requests.ask("unroll", Unroll(text="b"))
    assert waits == [0.0]
    requests.send_overdue()
    assert wire.texts == ["a"]
    now[0] = module.PATIENCE_S
    requests.send_overdue()
    assert wire.texts == ["a", "b"]


def test_without_an_engine_nothing_is_in_flight():
    wire = Wire()
    wire.open = False
    requests = Requests(wire)
    assert requests.post(Pause()) == 0
    requests.ask("unroll", Unroll(text="a"))
    assert not requests.is_open("unroll")
    requests.ask("unroll", Unroll(text="b"))
    requests.reset()
    assert requests.epoch == 0


def test_a_newer_command_makes_an_older_answer_outdated():
    wire = Wire()
    requests = Requests(wire)
    requests.ask("run", Unroll(text="a"))
    number = wire.sent[0].request
    assert not requests.is_outdated("run", number)
    requests.ask("run", Unroll(text="b"))
    assert requests.is_outdated("run", number)
    assert requests.waiting("run").text == "b"
    requests.answered(number)
    assert requests.is_outdated("run", number)
    assert not requests.is_outdated("run", wire.sent[-1].request)
