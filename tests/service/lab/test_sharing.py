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
        assert len(model.answers) == len(found.sentences) == 3
    assert found.chance == 1 / 20


def test_what_was_trained_knows_the_place_it_was_trained_at(with_torch):
    for until in range(25, 126, 25):
        found = ask(with_torch, trained_at=("end", "middle"), until=until)
    scores = {model.key: model for model in found.models}
    assert scores["rnn"].accuracy["end"] > 0.9
    assert scores["mlp"].accuracy["front"] < 0.3
    assert scores["rnn"].answers[1] == "2009"


def test_one_seed_after_the_other_and_the_mean_of_those_that_are_level(with_torch):
    kind = {"trained_at": ("front", "end"), "until": 50, "seed": 3, "seeds": 2}
    found = [ask(with_torch, **kind) for _ in range(5)]
    assert [each.steps for each in found] == [[25, 0], [50, 0], [50, 25], [50, 50], [50, 50]]
    assert [each.averaged for each in found] == [1, 1, 1, 2, 2]
    single = [ask(with_torch, **{**kind, "seed": seed, "seeds": 1}) for seed in (3, 4)]
    for place, model in enumerate(found[-1].models):
        for where in ("front", "middle", "end"):
            shares = [each.models[place].accuracy[where] for each in single]
            assert model.accuracy[where] == pytest.approx(sum(shares) / 2)
            assert (model.lowest[where], model.highest[where]) == (min(shares), max(shares))
        assert model.answers == single[0].models[place].answers
    assert single[0].models[0].accuracy != single[1].models[0].accuracy
    counts = {model.key: (model.parameter_count, model.count_for_longer) for model in found[-1].models}
    assert counts["rnn"][0] == counts["rnn"][1]
    assert counts["mlp"][0] < counts["mlp"][1]
    assert found[-1].longest == 20


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
    assert "The number of seeds is 99" in ask(with_torch, seeds=99).sentence
    assert "The seed" in ask(with_torch, seed=-1).sentence
    assert "at most 100000" in ask(with_torch, until=10**7).sentence


def test_without_torch_the_answer_is_a_sentence(own_engine):
    assert ask(own_engine).sentence.startswith("PyTorch is still loading")
