"""Every panel with every usage pattern, cell and depth, and what Spectrum and Chain say of a decoder's weights."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from rnnviz.service.messages import Rescale
from rnnviz.session.lab import AT_REST, EXPERIMENTS, NOW_AND_THEN, ON_REQUEST
from rnnviz.view import math_text
from rnnviz.view.layer_names import recurrent_block
from rnnviz.view.notation import KEYS, Notation
from rnnviz.view.panels import PANELS, chain_words
from rnnviz.view.panels.spectrum import TITLES

TASKS = {"acceptor": "parity", "transducer": "next-char", "one-to-sequence": "generate",
         "encoder-decoder": "translation"}  # fmt: skip
GATES = {"elman": "h", "lstm": "ifgo", "gru": "rzn"}
ANSWERED = frozenset(EXPERIMENTS) - ON_REQUEST - AT_REST - NOW_AND_THEN
"""Topics that a panel on screen gets within moments and unasked."""


pytestmark = pytest.mark.usefixtures("lecture_again")


@pytest.fixture
def app(app):
    """In the small window, where a panel has the least room."""
    app.window.resize(1280, 720)
    return app


def settled(session):
    fits = session.trace is not None and session.trace.text == session.text and not session.trace_stale
    return fits and session.task.name == session.run.task.name and not session._requests.is_open("unroll")


def show(app, wait_until, task, **model):
    """A network of this task and shape, with the example of the task on show."""
    session = app.session
    session.set_task(task)
    wait_until(lambda: settled(session) and session.task.name == task)
    session.set_model(hidden=6, **model)
    shapes = range(model.get("layers", 1))
    wait_until(lambda: settled(session) and len(session.trace.layers) == len(shapes))
    wait_until(lambda: session.trace.layers[0].hidden.shape[1] == 6)
    gates = set(GATES[session.run.model.cell]) - {"h"}
    wait_until(lambda: {gate for gate in session.trace.layers[0].gates if len(gate) == 1} == gates)


def page(app, key):
    app.window.middle.show_page(key)
    return app.window.middle.side.panel(key)


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("pattern", TASKS)
def test_every_panel_opens(app, wait_until, pattern, cell):
    lab = app.session.lab
    for layers in (1, 2):
        show(app, wait_until, TASKS[pattern], cell=cell, layers=layers)
        app.session.move_to(app.session.length)
        for entry in PANELS:
            if entry.area == "card":
                continue
            panel = page(app, entry.key)
            for topic in ANSWERED.intersection(panel.topics):
                wait_until(lambda topic=topic: lab.value(topic) is not None or bool(lab.refusal(topic)))
            QApplication.processEvents()
            assert panel.isVisible()
            panel.grab()


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", GATES)
def test_the_strongest_block_may_be_the_decoders(app, wait_until, cell, layers):
    session = app.session
    show(app, wait_until, "translation", cell=cell, layers=layers)
    panel = page(app, "spectrum")
    for gate in GATES[cell]:
        session.change_weights("rescale", Rescale(layer="l0", gate=f"{gate}'", radius=2.5))
        wait_until(lambda gate=gate: _strongest(panel) == f"{gate}'")
        wait_until(lambda: len(panel.plot.curves) == 2)
        title = TITLES[gate].replace("W_", "W'_")
        assert panel.plot.curves[1].sentence == f"decoder: {title} alone"
        assert f"W'_h{gate}:  ρ = 2.50" in panel.numbers.text()
        session.change_weights("rescale", Rescale(layer="l0", reset=True))
        wait_until(lambda gate=gate: _strongest(panel) != f"{gate}'" or panel.spectrum().radius[f"{gate}'"] < 2.4)
    titles = [panel.gate.itemText(index) for index in range(panel.gate.count())]
    assert titles[0] == ("encoder and decoder" if cell == "elman" else "all gates")
    assert len(set(titles)) == len(titles) == 1 + 2 * len(GATES[cell])


def _strongest(panel):
    radius = panel.spectrum().radius if panel.spectrum() is not None else {}
    return max(radius, key=radius.__getitem__, default="")


@pytest.mark.parametrize("key", KEYS)
def test_the_words_of_the_spectrum_are_in_the_notation(app, wait_until, key):
    app.settings.update_view(notation=key)
    show(app, wait_until, "translation", cell="elman")
    panel = page(app, "spectrum")
    wait_until(lambda: panel.spectrum() is not None)
    notation = Notation(key)
    encoder, decoder = (math_text.plain(name) for name in (notation.weight("hh"), recurrent_block("h'")))
    lines = panel.numbers.text().splitlines()
    assert [line.partition(":")[0] for line in lines] == [encoder, decoder]
    assert encoder != decoder == encoder[0] + "'" + encoder[1:]
    dead = panel.spectrum()
    dead.base_radius["h'"] = 0.0
    panel._show_dial(dead, ["h", "h'"])
    assert f"All eigenvalues of decoder: {decoder} are 0" in panel.reason.text()
    assert key == "lecture" or "W_hh" in encoder or "W_hh" not in panel.circle.words_at(panel.circle.rect().topLeft())


def test_the_theory_of_a_chain_uses_the_matrix_of_every_step(app, wait_until):
    """A bound that is never exceeded must hold across the boundary of encoder and decoder too."""
    session = app.session
    show(app, wait_until, "translation", cell="elman")
    session.change_weights("rescale", Rescale(layer="l0", gate="h'", radius=2.5))
    panel = page(app, "chain")
    session.lab.set("chain", loss_step=session.length, time_step=1)
    wait_until(
        lambda: panel.chain() is not None and panel.chain().radius["h'"] > 2.4 and bool(panel.chain().steps.any())
    )
    chain, switch = panel.chain(), session.trace.switch
    assert chain.steps.tolist() == list(range(session.length, 1, -1))
    factors = [chain.radius["h'" if step > switch else "h"] for step in chain.steps.tolist()]
    drawn = {curve.name: curve.log2 for curve in chain_words.curves(chain, "tanh", switch)}
    np.testing.assert_allclose(drawn["ρ^k"], np.concatenate(([0.0], np.cumsum(np.log2(factors)))), atol=1e-12)
    assert (drawn["bound"] >= chain.log2_measured - 1e-9).all()
    rows = {row.markup: row for row in panel.readout.rows}
    own = session.length - switch
    row = rows[f"ρ'^{{{own}}} ρ^{{{switch - 1}}}"]
    assert row.words.startswith("ρ' = 2.50, ρ = ")


def test_the_encoders_weights_get_something_from_the_encoders_copies_alone(app, wait_until):
    session = app.session
    show(app, wait_until, "translation", cell="gru")
    panel = page(app, "movie")
    wait_until(lambda: panel.film is not None)
    switch = session.trace.switch
    wait_until(lambda: panel.copies.text() == f"What {switch} of {switch} copies of the encoder give to W_hh")
    session.lab.set("movie", weight="W_hy")
    wait_until(lambda: panel.film is not None and panel.film.weight.key == "W_hy")
    panel.refresh()
    assert panel.copies.text() == f"What {session.length} of {session.length} copies give to W_hy"
