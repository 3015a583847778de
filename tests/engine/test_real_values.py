"""Real-valued sequences: numbers in, numbers out, squared error; float64 autograd is the judge."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.engine.credit import credit_map
from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import initialise
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace

STEPS, INPUTS, OUTPUTS = 12, 3, 2
CELLS = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def sequence(rng, *, lost=(2, 5)):
    wanted = rng.standard_normal((STEPS, OUTPUTS))
    wanted[list(lost)] = np.nan
    nothing = np.full(STEPS, -1)
    tokens = tuple(f"{value:.2f}" for value in range(STEPS))
    return EncodedSequence(
        tokens, nothing, nothing, np.ones(STEPS, bool), (), rng.standard_normal((STEPS, INPUTS)), wanted
    )


def torch_losses(network, encoded):
    """Every C_t of an nn.RNN, nn.LSTM or nn.GRU with the same weights, and its parameters."""
    module = CELLS[network.spec.cell](INPUTS, network.spec.hidden, network.spec.layers).double()
    for name, weight in module.named_parameters():
        weight.data = torch.tensor(np.array(network.weights[name]))
    readout = {name: torch.tensor(np.array(network.weights[f"readout.{name}"]), requires_grad=True)
               for name in ("weight", "bias")}  # fmt: skip
    hidden, _ = module(torch.tensor(np.array(encoded.values)))
    outputs = hidden @ readout["weight"].T + readout["bias"]
    there = np.isfinite(encoded.wanted).all(axis=1)
    losses = ((outputs[there] - torch.tensor(encoded.wanted[there])) ** 2).mean(1)
    return losses, dict(module.named_parameters()) | {f"readout.{name}": w for name, w in readout.items()}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_losses_and_gradients_are_those_of_autograd(cell, layers):
    encoded = sequence(np.random.default_rng(1))
    spec = ModelSpec(cell=cell, hidden=5, layers=layers)
    network = initialise(spec, INPUTS, OUTPUTS, 4).astype(np.float64)
    run = trace(network, encoded)
    losses, parameters = torch_losses(network, encoded)
    np.testing.assert_allclose(run.loss[np.isfinite(run.loss)], losses.detach().numpy(), rtol=1e-12)
    assert run.loss_steps == tuple(t for t in range(1, STEPS + 1) if t not in (3, 6))
    losses.sum().backward()
    flow = gradient_flow(run)
    for name, weight in parameters.items():
        np.testing.assert_allclose(flow.gradients[name], weight.grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=name)


def test_the_credit_map_has_a_row_for_every_loss_and_none_where_nothing_is_wanted():
    network = initialise(ModelSpec(hidden=5), INPUTS, OUTPUTS, 4)
    credit = credit_map(trace(network, sequence(np.random.default_rng(2))))
    there = np.isfinite(credit.log2[np.arange(STEPS), np.arange(STEPS)])
    assert there.tolist() == [step not in (2, 5) for step in range(STEPS)]


@pytest.mark.parametrize(
    ("values", "wanted", "words"),
    [
        (np.zeros((STEPS - 1, INPUTS)), None, "one row for each"),
        (np.full((STEPS, INPUTS), np.inf), None, "finite"),
        (np.zeros((STEPS, INPUTS)), np.zeros(STEPS), "one row for each"),
    ],
)
def test_bad_numbers_are_refused(values, wanted, words):
    nothing = np.full(STEPS, -1)
    with pytest.raises(SpecError, match=words):
        EncodedSequence(("x",) * STEPS, nothing, nothing, np.ones(STEPS, bool), (), values, wanted)


def test_another_width_than_the_networks_is_refused():
    encoded = sequence(np.random.default_rng(3))
    with pytest.raises(SpecError, match=r"expected \(T, 4\)"):
        trace(initialise(ModelSpec(), 4, OUTPUTS, 0), encoded)
    with pytest.raises(SpecError, match="the network gives"):
        trace(initialise(ModelSpec(), INPUTS, 5, 0), encoded)
