"""The Sharing panel with the real engine: chosen places, slices of training, stop and go on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from rnnviz.service.messages import SharingModel, SharingTrained
from rnnviz.session.settings import Settings
from rnnviz.view.look import Look
from rnnviz.view.panels.sharing import ENTRY, SharingPanel, meaning
from rnnviz.view.panels.sharing_chart import SEEN, UNSEEN, groups_of


@pytest.fixture
def panel(training_session, qtbot, wait_until):
    made = SharingPanel(entry=ENTRY, session=training_session, look=Look(), settings=Settings())
    made.resize(344, 900)
    qtbot.addWidget(made)
    choose(made, "front end")  # the warm engine may hold other models already
    made.show()
    wait_until(lambda: made.report() is not None)
    yield made
    made.running = False
    made.hide()


def choose(panel, key):
    panel.seed.setValue(0)
    panel.seeds.setCurrentIndex(0)
    panel.places.setCurrentIndex(panel.places.findData(key))
    panel.places.activated.emit(panel.places.currentIndex())


def press(qtbot, panel):
    qtbot.mouseClick(panel.train, Qt.MouseButton.LeftButton)


def test_it_trains_in_slices_and_stops(panel, qtbot, wait_until):
    start = panel.report().step
    assert panel.train.text() in ("Train all three", "Train on")
    press(qtbot, panel)
    assert panel.train.text() == "Stop"
    wait_until(lambda: panel.report().step > start)
    assert panel.running
    assert panel.progress.text() == f"step {panel.report().step} of {panel.session.lab.parameters('sharing').until}"
    press(qtbot, panel)
    assert not panel.running
    wait_until(lambda: not panel.session.lab.waiting("sharing"))
    stopped = panel.report().step
    assert stopped < start + 400
    press(qtbot, panel)
    wait_until(lambda: panel.report().step > stopped)


def test_other_places_begin_anew_and_train_on(panel, qtbot, wait_until):
    choose(panel, "middle")
    wait_until(lambda: panel.report() is not None and panel.report().step == 0)
    press(qtbot, panel)
    wait_until(lambda: panel.report().step >= 25)
    choose(panel, "end")
    wait_until(lambda: panel.report() is not None)
    assert panel.report().trained_at == ["end"]
    assert panel.running
    wait_until(lambda: panel.report().step >= 25)


def test_the_mean_over_seeds(panel, qtbot, wait_until):
    panel.seed.setValue(7)
    wait_until(lambda: panel.report() is not None and panel.report().seed == 7)
    panel.seeds.setCurrentIndex(panel.seeds.findData("3"))
    panel.seeds.activated.emit(panel.seeds.currentIndex())
    wait_until(lambda: panel.report() is not None and len(panel.report().steps) == 3)
    assert panel.progress.text() == f"mean of {panel.report().averaged} at step {panel.report().step}"
    press(qtbot, panel)
    until = panel.session.lab.parameters("sharing").until
    wait_until(lambda: panel.report().steps[1] > 0, timeout=60_000)
    assert f"seed 8: {panel.report().steps[1]} of {until}" in panel.progress.text()
    assert panel.report().averaged == 1


def test_a_text_typed_meanwhile_does_not_end_it_and_a_hidden_panel_waits(panel, qtbot, wait_until):
    session = panel.session
    press(qtbot, panel)
    first = panel.report().step
    session.set_text("hello world")
    wait_until(lambda: session.length == 11 and panel.report() is not None and panel.report().step > first)
    assert panel.running
    panel.hide()
    wait_until(lambda: not session._requests.is_open("sharing"))
    hidden = session.lab.value("sharing").step
    session.set_text("hello")
    wait_until(lambda: session.length == 5)
    assert session.lab.value("sharing").step == hidden
    panel.show()
    wait_until(lambda: panel.report().step > hidden)


def test_it_waits_for_pytorch(own_session, qtbot, wait_until):
    made = SharingPanel(entry=ENTRY, session=own_session, look=Look(), settings=Settings())
    qtbot.addWidget(made)
    made.show()
    wait_until(lambda: made.report() is not None)
    assert made.report().step == 0
    assert made.progress.text() == "step 0"


def model(key, front, middle, end, longer=1.0):
    accuracy = {"front": front, "middle": middle, "end": end}
    lowest = {place: share / 2 for place, share in (accuracy | {"longer": longer}).items()}
    highest = {place: min(1.0, share * 2) for place, share in (accuracy | {"longer": longer}).items()}
    return SharingModel(
        key=key, parameter_count=1234, count_for_longer=2345, accuracy=accuracy, longer=longer, lowest=lowest,
        highest=highest, loss=0.1, answers=["2009", "2001", "2009"],
    )  # fmt: skip


def trained(*models, at=("middle", "end"), steps=(400,)):
    return SharingTrained(
        step=max(steps), seed=0, steps=list(steps), averaged=steps.count(max(steps)), trained_at=list(at),
        models=list(models), sentences=["a", "b", "c"], years=["2009"] * 3, chance=0.05, tested=200, longest=20,
    )  # fmt: skip


def test_the_sentence_is_honest():
    good = trained(model("rnn", 1, 1, 1), model("mlp", 0.05, 1, 1), model("cnn", 1, 1, 1))
    assert meaning(good).startswith("At the front, where the year never stood in training: recurrent 100")
    assert "carry over to a new place" in meaning(good)
    front = trained(model("rnn", 1, 0.6, 0.1), model("mlp", 1, 0.1, 0), model("cnn", 1, 1, 1), at=("front",))
    assert meaning(front).startswith("At the end")  # the place that is hardest for the recurrent network
    assert "is not all: this recurrent network fails here too" in meaning(front)
    untrained = trained(*(model(key, 0.05, 0.05, 0.05) for key in ("rnn", "mlp", "cnn")))
    assert meaning(untrained).startswith("Not learned yet")
    everywhere = trained(*(model(key, 1, 1, 1) for key in ("rnn", "mlp", "cnn")), at=("front", "middle", "end"))
    assert "No place is new" in meaning(everywhere)


def test_unseen_places_and_wrong_answers_are_marked(panel):
    found = trained(*(model(key, 0.5, 1, 1) for key in ("rnn", "mlp", "cnn")))
    groups = groups_of(found)
    assert [group.remark for group in groups] == ["", UNSEEN, SEEN, SEEN, UNSEEN, ""]
    assert groups[0].words == (("1,234", "2,345"),) * 3
    assert groups[1].shares == (0.5,) * 3
    assert groups[-1].right == ((True, False, True),) * 3
    assert groups[1].spread == ()
    several = groups_of(trained(*(model(key, 0.4, 1, 1) for key in ("rnn", "mlp", "cnn")), steps=(400, 400, 75)))
    assert several[1].spread == ((0.2, 0.8),) * 3
    panel.chart.show_found(trained(*(model(key, 0.4, 1, 1) for key in ("rnn", "mlp", "cnn")), steps=(400, 400)))
    assert not panel.chart.grab().isNull()
    panel.chart.show_found(found)
    assert "front 50" in panel.chart.accessibleDescription()
    height = panel.chart.sizeHint().height()
    panel.look.set_zoom(1.5)
    assert panel.chart.sizeHint().height() > 1.4 * height
    for theme in ("dark", "contrast", "light"):
        panel.look.set_theme(theme)
        assert not panel.chart.grab().isNull()
