"""Three models trained beside the network on show, through the engine process."""

from __future__ import annotations

import pytest

from rnnviz.service import messages as wire


@pytest.fixture
def with_torch(engine):
    """The engine once torch is loaded."""
    engine.send(wire.Train(steps=1))
    engine.wait(wire.TrainingFrame)
    return engine


def ask(engine, **fields):
    engine.send(wire.TrainSharing(request=9, **fields))
    return engine.wait((wire.SharingTrained, wire.Refused), lambda reply: reply.request == 9)


def test_the_models_go_on_from_where_they_were_and_other_places_begin_anew(with_torch):
    ask(with_torch, trained_at=("front",))
    steps = [ask(with_torch, trained_at=("end",), until=40).step for _ in range(3)]
    assert steps == [25, 40, 40]
    found = ask(with_torch, trained_at=("middle",))
    assert (found.step, found.trained_at) == (0, ["middle"])
    assert [model.key for model in found.models] == ["rnn", "mlp", "cnn"]
    for model in found.models:
        assert set(model.accuracy) == {"front", "middle", "end"}
        assert max(model.accuracy.values()) < 0.3  # of 20 years, untrained
        assert len(model.answers) == len(found.sentences) == 2
    assert found.chance == 1 / 20


def test_what_was_trained_knows_the_place_it_was_trained_at(with_torch):
    for until in range(25, 126, 25):
        found = ask(with_torch, trained_at=("end", "middle"), until=until)
    scores = {model.key: model for model in found.models}
    assert scores["rnn"].accuracy["end"] > 0.9
    assert scores["mlp"].accuracy["front"] < 0.3
    assert scores["rnn"].answers[1] == "2009"


def test_a_training_is_ended_by_newer_commands_and_keeps_its_steps(with_torch):
    engine = with_torch
    ask(engine, trained_at=("front",))
    engine.send(wire.TrainSharing(request=1, trained_at=("front",), until=25))
    engine.send(wire.Unroll(request=2, text="another text"))
    engine.wait(wire.Superseded, lambda reply: reply.request == 1)
    engine.wait(wire.Unrolled, lambda reply: reply.request == 2)
    assert ask(engine, trained_at=("front",), until=25).step == 25


def test_places_and_steps_are_checked(with_torch):
    assert "choose from front, middle, end" in ask(with_torch, trained_at=("top",)).sentence
    assert "at most 100000" in ask(with_torch, until=10**7).sentence


def test_without_torch_the_answer_is_a_sentence(own_engine):
    assert ask(own_engine).sentence.startswith("PyTorch is still loading")
