"""The proof: right networks pass it, wrong numbers do not, and what cannot be compared is said."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.engine import training_proof
from rnnviz.engine.errors import SpecError
from rnnviz.engine.movie import loss_gradients
from rnnviz.engine.network import initialise
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace
from rnnviz.engine.training_evidence import cell_run, fused_run, reference_name, torch_gradients
from rnnviz.engine.training_proof import MOST_STEPS, prove
from tests.engine.oracle import make_network, make_sequence, run_oracle
from tests.engine.test_gradients import ARCHITECTURES, name_of, relative

TITLES = ["Forward pass", "Inside the cells", "Gradient", "Gradient, exact", "Finite differences", "Sum over copies",
          "Credit map"]  # fmt: skip


def sequence_of(network):
    return make_sequence(23, every=2, switch=9 if network.spec.decoder else 0)


@pytest.fixture(params=ARCHITECTURES, ids=name_of)
def network(request):
    return make_network(hidden=7, gain=1.5, **request.param)


def test_every_architecture_passes(network):
    proof = prove(network.astype(np.float32), sequence_of(network))
    assert [each.title for each in proof.findings] == TITLES
    assert [each.title for each in proof.findings if not each.passed] == []
    assert (proof.steps, proof.length, proof.note) == (23, 23, "")


def test_torchs_own_modules_and_the_loop_of_cells_agree_with_the_oracle_of_the_tests(network):
    encoded = sequence_of(network)
    traced, oracle = trace(network, encoded), run_oracle(network, encoded)
    total = sum(oracle.losses)
    expected = dict(zip(oracle.weights, torch.autograd.grad(total, list(oracle.weights.values()), retain_graph=True),
                        strict=True))  # fmt: skip
    for run in (fused_run(traced, torch.float64), cell_run(traced)):
        gradients = run.weight_gradients(run.losses(traced.targets).sum())
        for name, gradient in expected.items():
            assert relative(gradients[name], gradient.numpy()) < 1e-12, name
    for name in network.layer_names:
        loop = cell_run(traced)
        last = loop.losses(traced.targets)[-1]
        np.testing.assert_allclose(loop.state_norms(last, name), oracle.norms(oracle.losses[-1], name), rtol=1e-12)


@pytest.mark.parametrize(("losses", "step"), [("sum", 0), ("mean", 0), ("one", 0), ("one", 21)])
def test_torch_gradients_are_of_the_loss_asked_for(network, losses, step):
    traced = trace(network, sequence_of(network))
    ours = loss_gradients(traced, losses, step)
    theirs = torch_gradients(traced, losses, step)
    assert set(ours) == set(theirs)
    for name in ours:
        assert relative(ours[name], theirs[name]) < 1e-12


def test_the_reference_has_torchs_name_where_torch_has_such_a_module():
    assert reference_name(make_network(cell="elman", activation="relu").spec) == "nn.RNN"
    assert reference_name(make_network(cell="elman", activation="sigmoid").spec) == "a cell loop"
    assert reference_name(make_network(cell="gru").spec) == "nn.GRU"


def failing(proof):
    return {each.title for each in proof.findings if not each.passed}


def test_a_wrong_gradient_does_not_pass(monkeypatch):
    def wrong(*arguments):
        return {name: array * 1.001 for name, array in loss_gradients(*arguments).items()}

    monkeypatch.setattr(training_proof, "loss_gradients", wrong)
    proof = prove(make_network(cell="gru", hidden=5).astype(np.float32), make_sequence(12))
    assert failing(proof) == {"Gradient", "Gradient, exact", "Finite differences", "Sum over copies"}


def test_a_wrong_trace_does_not_pass(monkeypatch):
    def other_weights(network, encoded):
        weights = {name: array * (1.01 if "hh" in name else 1) for name, array in network.weights.items()}
        found = trace(type(network)(network.spec, 5, 5, weights), encoded)
        object.__setattr__(found, "network", network)
        return found

    monkeypatch.setattr(training_proof, "trace", other_weights)
    proof = prove(make_network(cell="lstm", hidden=5).astype(np.float32), make_sequence(12))
    assert {"Forward pass", "Inside the cells", "Gradient", "Credit map"} <= failing(proof)


def test_a_wrong_credit_row_does_not_pass(monkeypatch):
    real = training_proof.credit_map

    def shifted(*arguments, **named):
        found = real(*arguments, **named)
        object.__setattr__(found, "log2", found.log2 + 0.01)
        return found

    monkeypatch.setattr(training_proof, "credit_map", shifted)
    assert failing(prove(make_network(cell="elman", hidden=5).astype(np.float32), make_sequence(12))) == {"Credit map"}


def test_a_long_text_is_compared_on_its_first_steps_and_says_so():
    proof = prove(make_network(cell="elman", hidden=4).astype(np.float32), make_sequence(MOST_STEPS + 40))
    assert proof.steps == MOST_STEPS
    assert proof.note == f"the first {MOST_STEPS} of {MOST_STEPS + 40} steps"
    assert not failing(proof)


def test_a_single_answer_at_the_end_is_asked_for_at_the_cut():
    encoded = make_sequence(MOST_STEPS + 40, every=MOST_STEPS + 40)
    proof = prove(make_network(cell="gru", hidden=4).astype(np.float32), encoded)
    assert len(proof.findings) == len(TITLES)
    assert not failing(proof)


def test_a_chaotic_network_is_compared_as_far_as_rounding_allows():
    network = make_network(cell="lstm", hidden=16, gain=30.0).astype(np.float32)
    proof = prove(network, make_sequence(40))
    assert proof.steps < 40
    assert "rounding grows too fast" in proof.note
    assert "Forward pass" not in failing(proof)


def test_without_a_loss_the_gradient_is_skipped_in_words():
    encoded = make_sequence(6)
    silent = EncodedSequence(encoded.tokens, encoded.ids, np.full(6, -1), encoded.known)
    proof = prove(make_network(cell="elman", hidden=3).astype(np.float32), silent)
    assert [bool(each.skipped) for each in proof.findings] == [False, False, True]
    assert not proof.findings[-1].passed
    with pytest.raises(SpecError, match="There is no text to check"):
        prove(make_network(cell="elman", hidden=3), make_sequence(0))


@pytest.mark.parametrize("name", ["adding", "series", "flip-flop"])
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_everything_agrees_on_numbers_too(name: str, cell: str) -> None:
    task = make_task(TaskSpec(name=name))
    network = initialise(ModelSpec(cell=cell, hidden=5), task.input_size, task.output_size, 0)
    proof = prove(network, task.encode(task.example * 3))
    assert all(finding.passed for finding in proof.findings)
