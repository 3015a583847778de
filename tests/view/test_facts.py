"""The questions that several views ask of the session."""

from __future__ import annotations

from rnnviz.view.facts import chains_of, chosen_chain, layer_flow


def test_the_chains_of_a_network_and_the_chosen_one(session, wait_until):
    assert chains_of(None) == ()
    session.set_model(cell="elman", hidden=3, layers=2, bidirectional=True)
    wait_until(lambda: len(session.trace.layers) == 4)
    assert chains_of(session.trace) == ("l0", "l0r", "l1", "l1r")
    session.want("gradients", "test")
    wait_until(lambda: session.gradients is not None and len(session.gradients.layers) == 4)
    for name in chains_of(session.trace):
        session.select(layer=name)
        assert chosen_chain(session) == name
        assert layer_flow(session) is session.gradients.layers[chains_of(session.trace).index(name)]
    session.select(layer="l7")  # a network that had more layers
    assert chosen_chain(session) == "l0"
    assert layer_flow(session) is session.gradients.layers[0]
    session.select(layer="l0")
    session.unwant("gradients", "test")
