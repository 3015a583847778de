"""The proof, through the engine process."""

from __future__ import annotations

import pytest

from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.service import messages as wire


@pytest.fixture
def with_torch(engine):
    """The engine once torch is loaded."""
    engine.send(wire.SetRun(run=RunSpec()), wire.Train(steps=1))
    engine.wait(wire.TrainingFrame)
    return engine


@pytest.mark.parametrize(
    "run",
    [
        RunSpec(model=ModelSpec(cell="lstm", hidden=6, layers=2, bidirectional=True)),
        RunSpec(model=ModelSpec(cell="gru", hidden=5, embedding=3)),
        RunSpec(model=ModelSpec(cell="elman", hidden=5, activation="sigmoid")),
        RunSpec(model=ModelSpec(cell="lstm", hidden=5), task=TaskSpec(name="parity")),
    ],
    ids=["bidirectional-lstm", "embedded-gru", "sigmoid", "parity"],
)
def test_every_comparison_passes(with_torch, run):
    text = "1001101" if run.task.name == "parity" else "hello world"
    with_torch.send(wire.SetRun(run=run), wire.Unroll(text=text), wire.Prove(request=4))
    proved = with_torch.wait(wire.Proved)
    assert (proved.request, proved.text, proved.steps, proved.length) == (4, text, len(text), len(text))
    assert len(proved.checks) == 7
    assert [check.title for check in proved.checks if not check.passed] == []
    assert all(0 <= check.difference <= check.allowed for check in proved.checks)
    assert proved.seconds > 0


def test_without_torch_or_text_the_answer_is_a_sentence(own_engine):
    own_engine.send(wire.Unroll(text="hello"), wire.Prove(request=1))
    assert own_engine.wait(wire.Refused).sentence == "PyTorch is still loading; check again in a few seconds."
    own_engine.wait(wire.TorchReady)
    own_engine.send(wire.Unroll(text=""), wire.Prove(request=2))
    assert own_engine.wait(wire.Refused).sentence == "There is no text to check; type one."
