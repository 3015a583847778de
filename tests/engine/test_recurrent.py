"""The recurrent weights against numpy, and the dial that rescales them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import initialise
from rnnviz.engine.recurrent import SpectralDial, recurrent_blocks, recurrent_spectra
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.spectra import recurrent_radii

GATES = {"elman": ["h"], "lstm": ["i", "f", "g", "o"], "gru": ["r", "z", "n"]}


def made(cell="elman", **spec):
    return initialise(ModelSpec(cell=cell, hidden=9, layers=2, **spec), 6, 6, seed=5)


@pytest.mark.parametrize("cell", GATES)
def test_every_gates_block_matches_numpy(cell):
    network = made(cell)
    found = recurrent_spectra(network, "l1")
    assert list(found) == GATES[cell]
    for k, spectrum in enumerate(found.values()):
        block = network.weights["weight_hh_l1"][9 * k : 9 * (k + 1)].astype(np.float64)
        expected = np.linalg.eig(block)[0]
        np.testing.assert_allclose(np.sort_complex(spectrum.eigenvalues), np.sort_complex(expected), atol=1e-12)
        assert spectrum.radius == pytest.approx(np.abs(expected).max(), rel=1e-12)
        assert spectrum.largest == pytest.approx(np.linalg.norm(block, 2), rel=1e-12)
        assert spectrum.radius <= spectrum.largest
    assert recurrent_spectra(network, "l1") is found


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("radius", [0.1, 1.0, 3.0])
def test_the_dial_sets_the_radius_of_every_block_and_touches_nothing_else(cell, radius):
    network = made(cell)
    turned = SpectralDial("l1").turned(network, radius)
    assert list(recurrent_radii(turned, "l1").values()) == pytest.approx([radius] * len(GATES[cell]), rel=1e-6)
    for name, array in turned.weights.items():
        assert np.array_equal(array, network.weights[name]) is (name != "weight_hh_l1")


def test_turning_to_and_fro_never_accumulates():
    network, dial = made(), SpectralDial()
    other = network
    for radius in np.geomspace(0.1, 3, 500):
        other = dial.turned(other, float(radius))
    np.testing.assert_array_equal(
        dial.turned(other, 0.7).weights["weight_hh_l0"], SpectralDial().turned(network, 0.7).weights["weight_hh_l0"]
    )
    np.testing.assert_array_equal(dial.back(dial.turned(network, 0.7)).weights["weight_hh_l0"],
                                  network.weights["weight_hh_l0"])  # fmt: skip


def test_a_radius_of_zero_can_be_taken_back():
    network, dial = made(), SpectralDial()
    nothing = dial.turned(network, 0.0)
    assert not nothing.weights["weight_hh_l0"].any()
    assert dial.base_radii(nothing) == pytest.approx(recurrent_radii(network))
    assert recurrent_radii(dial.turned(nothing, 1.0))["h"] == pytest.approx(1)


def test_one_gate_at_a_time():
    network, dial = made("gru"), SpectralDial()
    before = recurrent_radii(network)
    turned = dial.turned(dial.turned(network, 0.5, "z"), 2.0, "n")
    assert recurrent_radii(turned) == pytest.approx({"r": before["r"], "z": 0.5, "n": 2.0}, rel=1e-6)
    with pytest.raises(SpecError, match="no gate 'q'; choose one of r, z, n"):
        dial.turned(turned, 1.0, "q")


@pytest.mark.parametrize("cell", GATES)
def test_a_decoder_has_blocks_of_its_own_that_turn_alone(cell):
    network, dial = made(cell, decoder=True), SpectralDial("l1")
    spectra, last = recurrent_spectra(network, "l1"), GATES[cell][-1] + "'"
    assert list(spectra) == [*GATES[cell], *(name + "'" for name in GATES[cell])]
    block = network.weights["weight_hh_l1_decoder"][-9:].astype(np.float64)
    assert spectra[last].radius == pytest.approx(np.abs(np.linalg.eigvals(block)).max(), rel=1e-12)
    turned = dial.turned(network, 2.0, last)
    assert recurrent_spectra(turned, "l1")[last].radius == pytest.approx(2.0, rel=1e-6)
    changed = {name for name, array in turned.weights.items() if not np.array_equal(array, network.weights[name])}
    assert changed == {"weight_hh_l1_decoder"}
    assert dial.touched(turned)
    np.testing.assert_array_equal(dial.back(turned).weights["weight_hh_l1_decoder"],
                                  network.weights["weight_hh_l1_decoder"])  # fmt: skip


def test_weights_that_moved_on_are_a_new_base():
    """After a training step the dial starts from what training has made."""
    network, dial = made(), SpectralDial()
    turned = dial.turned(network, 1.2)
    assert dial.touched(turned)
    trained = replace(turned, weights=dict(turned.weights) | {"weight_hh_l0": turned.weights["weight_hh_l0"] * 0.5})
    assert not dial.touched(trained)
    assert dial.back(trained) is trained
    again = dial.turned(trained, 0.9)
    np.testing.assert_array_equal(dial.back(again).weights["weight_hh_l0"], trained.weights["weight_hh_l0"])


def test_a_block_without_eigenvalues_is_refused_in_one_sentence():
    network = made()
    shifted = np.diag(np.ones(8, np.float32), 1)  # nilpotent: the state is forgotten after nine steps
    empty = replace(network, weights=dict(network.weights) | {"weight_hh_l0": shifted})
    with pytest.raises(SpecError, match="All eigenvalues of W_hh are 0"):
        SpectralDial().turned(empty, 1.0)
    with pytest.raises(SpecError, match=r"give a value from 0 to 10"):
        SpectralDial().turned(network, 11.0)
    with pytest.raises(SpecError, match="no layer"):
        recurrent_blocks(network, "l7")
