"""Spectrum and dial through the real engine process."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.checkpoint import from_bytes
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, RunSpec
from rnnviz.engine.tasks import make_task
from rnnviz.service import messages as wire

LSTM = RunSpec(model=ModelSpec(cell="lstm", hidden=6, layers=2))


def network_of(run):
    task = make_task(run.task)
    return initialise(run.model, task.input_size, task.output_size, run.training.seed)


def spectrum(engine, layer="l0"):
    engine.send(wire.MapSpectrum(request=99, layer=layer))
    reply = engine.wait((wire.SpectrumMapped, wire.Refused), lambda reply: reply.request == 99)
    assert isinstance(reply, wire.SpectrumMapped), reply
    return reply


def weights_on_show(engine, name="weight_hh_l0"):
    """The newest restore point holds the live weights."""
    restored = [reply for reply in engine.passed if isinstance(reply, wire.Autosave)]
    return from_bytes(restored[-1].document).weights[name]


def start(engine, run):
    engine.send(wire.SetRun(request=1, run=run), wire.Unroll(text="hello"))
    engine.wait(wire.Unrolled)


@pytest.mark.parametrize("hidden", [6, 130])
def test_eigenvalues_are_numpys_in_the_loop_and_beside_it(engine, hidden):
    run = RunSpec(model=ModelSpec(cell="gru", hidden=hidden))
    start(engine, run)
    reply = spectrum(engine)
    assert list(reply.real) == ["r", "z", "n"]
    for k, name in enumerate(reply.real):
        block = network_of(run).weights["weight_hh_l0"][hidden * k : hidden * (k + 1)].astype(np.float64)
        expected = np.sort_complex(np.linalg.eigvals(block))
        found = np.sort_complex(reply.real[name] + 1j * reply.imaginary[name])
        np.testing.assert_allclose(found, expected, atol=1e-10)
        assert reply.largest[name] == pytest.approx(np.linalg.norm(block, 2))
    assert reply.base_radius == pytest.approx(reply.radius)
    assert not reply.touched


def test_the_dial_turns_the_live_weights_and_brings_them_back(engine):
    start(engine, LSTM)
    before = spectrum(engine, "l1")
    engine.send(*(wire.Rescale(layer="l1", radius=radius) for radius in (2.0, 0.3, 1.25)))
    turned = spectrum(engine, "l1")
    assert turned.touched
    assert list(turned.radius.values()) == pytest.approx([1.25] * 4, rel=1e-6)
    assert turned.base_radius == pytest.approx(before.radius)
    base = network_of(LSTM).weights["weight_hh_l1"]
    expected = np.concatenate(
        [block * (1.25 / before.radius[name]) for name, block in zip("ifgo", np.split(base, 4), strict=True)]
    )
    np.testing.assert_allclose(weights_on_show(engine, "weight_hh_l1"), expected, rtol=1e-6)
    engine.send(wire.Rescale(layer="l1", gate="f", radius=0.5))
    one = spectrum(engine, "l1").radius
    assert one == pytest.approx({"i": 1.25, "f": 0.5, "g": 1.25, "o": 1.25}, rel=1e-6)
    engine.send(wire.Rescale(layer="l1", reset=True))
    back = spectrum(engine, "l1")
    assert not back.touched
    assert back.radius == before.radius
    np.testing.assert_array_equal(weights_on_show(engine, "weight_hh_l1"), base)


def test_the_dial_works_after_training_and_training_goes_on_from_it(engine):
    engine.send(wire.SetRun(run=RunSpec(model=ModelSpec(hidden=5))), wire.Unroll(text="hello"))
    train(engine, 3)
    trained = spectrum(engine)
    engine.send(wire.Rescale(radius=1.5))
    turned = spectrum(engine)
    assert turned.radius["h"] == pytest.approx(1.5, rel=1e-6)
    assert turned.base_radius == pytest.approx(trained.radius, rel=1e-5)
    assert turned.training_step == 3
    train(engine, 2)
    after = spectrum(engine)
    assert after.training_step == 5
    assert not after.touched
    assert after.radius["h"] == pytest.approx(1.5, rel=0.2)
    assert after.radius["h"] != pytest.approx(1.5, rel=1e-6)


def train(engine, steps):
    engine.send(wire.Train(steps=steps))
    engine.wait(wire.StateChanged, lambda reply: reply.state is wire.EngineState.TRAINING)
    while isinstance(reply := engine.wait((wire.TrainingFrame, wire.StateChanged)), wire.TrainingFrame):
        engine.send(wire.Acknowledge(frame=reply.frame))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (wire.Rescale(request=4, radius=50.0), "give a value from 0 to 10"),
        (wire.Rescale(request=4, layer="l9"), "There is no layer 'l9'"),
        (wire.Rescale(request=4, gate="q"), "There is no gate 'q'"),
        (wire.MapSpectrum(request=4, layer="l9"), "There is no layer 'l9'"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(engine, command, words):
    start(engine, RunSpec())
    before = spectrum(engine)
    engine.send(command)
    refused = engine.wait((wire.SpectrumMapped, wire.Refused), lambda reply: reply.request == 4)
    assert words in refused.sentence
    np.testing.assert_array_equal(spectrum(engine).real["h"], before.real["h"])
