"""Models side by side: trained exactly as alone, always as far as the model on show, and none spoils the others."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.parameters import count_parameters
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace
from rnnviz.engine.training import Trainer
from rnnviz.service.lab.base import Laboratory
from rnnviz.service.lab.rival_pictures import CURVE_POINTS
from rnnviz.service.lab.rivals import EXPERIMENTS, LIVE_ROWS, Rivals
from rnnviz.service.messages import (
    Compare,
    Compared,
    Refused,
    RivalSpec,
    SetRun,
    SetTraining,
    StateChanged,
    Train,
    Undo,
    Unroll,
)
from rnnviz.service.pictures import Pictures
from rnnviz.service.training_loop import TrainingLoop
from rnnviz.service.workbench import Workbench, fresh_network

TEXT = "hello world, hello"
SMALL = TrainingSpec(batch_size=4, seed=3)


class Desk:
    """The engine's parts in this process, with the loop in the test's hands."""

    def __init__(self, run=None):
        self.sent = []
        self.bench = Workbench(run or RunSpec(model=ModelSpec(hidden=6), training=SMALL))
        self.bench.set_text(TEXT)
        pictures = Pictures(bench=self.bench, send=self.sent.append)
        self.training = TrainingLoop(bench=self.bench, pictures=pictures, send=self.sent.append)
        self.rivals = Rivals(bench=self.bench, training=self.training)
        self.laboratory = Laboratory(bench=self.bench, training=self.training, rivals=self.rivals)

    def train(self, steps):
        self.training.begin(steps)
        while self.training.active:
            self.training.advance()
            self.rivals.advance()

    def catch_up(self):
        turns = 0
        while self.rivals.behind:
            self.rivals.advance()
            turns += 1
        return turns

    def compare(self, *rivals, **options):
        return finish(EXPERIMENTS[0].answer(self.laboratory, Compare(rivals=list(rivals), **options)))


def finish(work):
    while True:
        try:
            next(work)
        except StopIteration as stopped:
            return stopped.value


def rival(cell="lstm", hidden=6, **training):
    return RivalSpec(model=ModelSpec(cell=cell, hidden=hidden), training=msgspec.structs.replace(SMALL, **training))


def alone(model, training, steps, task=None):
    """The network that a trainer of its own reaches, and its losses."""
    run = RunSpec(model=model, training=training, task=task or TaskSpec())
    made = make_task(run.task)
    trainer = Trainer(fresh_network(run, made), made, training)
    losses = [trainer.step().loss for _ in range(steps)]
    return trainer.network(), losses


def row_of(network, task, threshold=0.01):
    flow = gradient_flow(trace(network, task.encode(TEXT)), threshold=threshold)
    return flow.layers[0].log2_total, flow.horizon


@pytest.mark.parametrize("cell", ["lstm", "gru", "elman"])
def test_a_rival_trains_bit_for_bit_as_it_would_alone(cell):
    desk = Desk()
    desk.compare(rival(cell, 5))
    desk.train(7)
    found = desk.compare(rival(cell, 5)).models[1]
    network, losses = alone(ModelSpec(cell=cell, hidden=5), SMALL, 7)
    assert (found.training_step, found.target_step) == (7, 7)
    assert found.losses.tolist() == losses
    assert found.loss == losses[-1]
    row, horizon = row_of(network, desk.bench.task)
    np.testing.assert_allclose(found.log2, row, rtol=0, atol=2e-5)
    assert found.horizon == horizon
    assert found.parameter_count == network.parameter_count


def test_the_model_on_show_comes_first_and_is_untouched_by_its_rivals():
    desk = Desk()
    desk.compare(rival("lstm"), rival("gru"))
    desk.train(6)
    shown = desk.compare(rival("lstm"), rival("gru")).models[0]
    network, losses = alone(ModelSpec(hidden=6), SMALL, 6)
    assert shown.model.cell == "elman"
    assert shown.losses.tolist() == losses
    for name, array in desk.training.live_network().weights.items():
        np.testing.assert_array_equal(array, network.weights[name])


def test_the_horizon_of_every_model_is_measured_over_its_whole_training():
    desk = Desk()
    desk.train(20)
    desk.compare(rival("gru"))
    desk.catch_up()
    for model in desk.compare(rival("gru")).models:
        assert model.horizon_steps == list(range(21))
        for step in (0, 7, 20):
            network, _ = alone(model.model, SMALL, step)
            assert model.horizon_course[step] == row_of(network, desk.bench.task)[1]
    other = desk.compare(rival("gru"), threshold=0.1).models[0]
    network, _ = alone(other.model, SMALL, 7)
    assert other.horizon_course[7] == row_of(network, desk.bench.task, threshold=0.1)[1]
    desk.training.undo(10)
    desk.catch_up()
    assert desk.compare(rival("gru")).models[1].horizon_steps[-1] == 10


def test_a_comparison_begun_late_catches_up_in_slices():
    desk = Desk()
    desk.train(40)
    first = desk.compare(rival("gru"))
    assert [(m.training_step, m.target_step) for m in first.models] == [(40, 40), (0, 40)]
    assert desk.rivals.behind
    desk.catch_up()
    last = desk.compare(rival("gru")).models[1]
    assert last.training_step == 40
    assert last.losses.tolist() == alone(ModelSpec(cell="gru", hidden=6), SMALL, 40)[1]


def test_a_paused_comparison_keeps_its_rivals_and_trains_none():
    desk = Desk()
    desk.train(3)
    desk.compare(rival("gru"))
    desk.rivals.advance()
    desk.catch_up()
    assert desk.compare(rival("gru"), paused=True).models == []
    desk.train(3)
    assert not desk.rivals.behind
    again = desk.compare(rival("gru")).models[1]
    assert (again.training_step, again.target_step) == (3, 6)


def test_a_rival_whose_loss_is_not_finite_stops_alone():
    desk = Desk()
    wild = rival("elman", 6, optimiser="sgd", learning_rate=10.0, clip=0.0)
    wild = msgspec.structs.replace(wild, model=ModelSpec(hidden=6, activation="identity"))
    desk.compare(wild, rival("gru"))
    desk.train(60)
    found = desk.compare(wild, rival("gru")).models
    assert "Training stopped at step" in found[1].failure
    assert found[1].training_step < 60
    assert np.isfinite(found[1].losses).all()
    assert [found[0].training_step, found[2].training_step] == [60, 60]
    assert not found[2].failure
    assert not desk.rivals.behind


def test_undo_and_reset_take_the_rivals_along():
    desk = Desk()
    desk.compare(rival("gru"))
    desk.train(50)
    desk.training.undo(20)
    desk.catch_up()
    found = desk.compare(rival("gru")).models[1]
    assert found.training_step == 30
    assert found.losses.tolist() == alone(ModelSpec(cell="gru", hidden=6), SMALL, 30)[1]
    desk.training.forget()
    desk.bench.set_run(desk.bench.run)
    desk.catch_up()
    found = desk.compare(rival("gru")).models[1]
    assert (found.training_step, found.loss) == (0, None)


def test_a_training_setting_changes_for_all_and_live():
    desk = Desk()
    own = rival("gru", clip=0.0)
    desk.compare(own)
    desk.train(5)
    changed = msgspec.structs.replace(SMALL, learning_rate=0.1)
    desk.training.set_spec(changed)
    desk.bench.run = msgspec.structs.replace(desk.bench.run, training=changed)
    desk.train(5)
    there = desk.rivals
    found = desk.compare(rival("gru", clip=0.0, learning_rate=0.1)).models[1]
    assert there is desk.rivals
    assert (found.training.learning_rate, found.training.clip) == (0.1, 0.0)
    assert found.training_step == 10, "the rival went on, it did not begin again"
    task = desk.bench.task
    spec = msgspec.structs.replace(SMALL, clip=0.0)
    trainer = Trainer(fresh_network(RunSpec(model=ModelSpec(cell="gru", hidden=6), training=spec), task), task, spec)
    losses = [trainer.step().loss for _ in range(5)]
    trainer.set_spec(msgspec.structs.replace(spec, learning_rate=0.1))
    losses += [trainer.step().loss for _ in range(5)]
    assert found.losses.tolist() == losses


def test_another_seed_makes_new_rivals_and_another_model_on_show_does_not():
    desk = Desk()
    desk.compare(rival("gru"))
    desk.train(5)
    desk.training.forget()
    desk.bench.set_run(RunSpec(model=ModelSpec(cell="lstm", hidden=4), training=SMALL))
    desk.catch_up()
    desk.train(4)
    found = desk.compare(rival("gru")).models
    assert [model.model.cell for model in found] == ["lstm", "gru"]
    assert found[1].losses.tolist() == alone(ModelSpec(cell="gru", hidden=6), SMALL, 4)[1]
    other = msgspec.structs.replace(SMALL, seed=8)
    desk.training.forget()
    desk.bench.set_run(RunSpec(model=ModelSpec(cell="lstm", hidden=4), training=other))
    desk.train(4)
    found = desk.compare(rival("gru")).models[1]
    assert found.training.seed == 8
    assert found.losses.tolist() == alone(ModelSpec(cell="gru", hidden=6), other, 4)[1]


def test_removing_one_rival_leaves_the_other_trained():
    desk = Desk()
    desk.compare(rival("gru"), rival("lstm"))
    desk.train(5)
    found = desk.compare(rival("lstm")).models
    assert [(m.model.cell, m.training_step) for m in found] == [("elman", 5), ("lstm", 5)]


def test_equal_parameters_chooses_the_nearest_size():
    desk = Desk(RunSpec(model=ModelSpec(hidden=16), training=SMALL))
    found = desk.compare(rival("lstm", 16), rival("gru", 16), equal_parameters=True).models
    goal, sizes = found[0].parameter_count, (len(desk.bench.task.vocabulary), len(desk.bench.task.output_labels))
    for model in found[1:]:
        counts = [count_parameters(msgspec.structs.replace(model.model, hidden=h), *sizes) for h in range(1, 40)]
        assert abs(model.parameter_count - goal) == min(abs(count - goal) for count in counts)
        assert model.model.hidden < 16
    equal = desk.compare(rival("lstm", 16), equal_parameters=False).models[1]
    assert equal.model.hidden == 16


def test_the_credit_map_has_the_row_of_the_chosen_loss():
    desk = Desk()
    found = desk.compare(rival("lstm"), loss_step=5).models
    for model in found:
        assert 5 in model.rows
        np.testing.assert_array_equal(model.credit[np.searchsorted(model.rows, 5)], model.log2)
        assert np.isneginf(model.log2[5:]).all()
    desk.bench.set_text("the wind is cold, " * 40)
    long = desk.compare(rival("lstm")).models[1]
    assert LIVE_ROWS < len(long.rows) <= 201
    assert long.credit.shape == (len(long.rows), len(desk.bench.text))


def test_a_rival_with_truncated_backpropagation_reaches_no_further_than_its_cut():
    desk = Desk()
    model = desk.compare(rival("gru", truncate_length=4, truncate_every=1)).models[1]
    last = int(model.rows[-2])  # the last letter has no target
    assert np.isfinite(model.log2[last - 4 : last]).all()
    assert np.isneginf(model.log2[: last - 4]).all()
    assert model.horizon == 3


def test_the_curve_is_thinned_and_keeps_its_end():
    desk = Desk(RunSpec(model=ModelSpec(hidden=2), training=msgspec.structs.replace(SMALL, batch_size=1)))
    desk.train(1100)
    shown = desk.compare().models[0]
    assert len(shown.steps) <= CURVE_POINTS
    assert shown.steps[-1] == 1100


def test_a_text_without_a_loss_has_models_without_a_gradient():
    desk = Desk()
    desk.bench.set_text("h")
    found = desk.compare(rival("gru"))
    assert found.loss_step == 0
    assert [len(model.log2) for model in found.models] == [0, 0]


def test_viewing_a_saved_step_shows_all_models_there():
    desk = Desk()
    desk.compare(rival("gru"))
    desk.train(20)
    desk.training.view(12)
    found = desk.compare(rival("gru")).models
    assert [model.training_step for model in found] == [12, 12]
    row, _ = row_of(alone(ModelSpec(cell="gru", hidden=6), SMALL, 12)[0], desk.bench.task)
    np.testing.assert_allclose(found[1].log2, row, rtol=0, atol=2e-5)
    assert found[1].steps[-1] == 12


# ---------------------------------------------------------------------- the real process


def test_over_the_pipe_rivals_train_and_follow(engine):
    engine.send(SetRun(run=RunSpec(model=ModelSpec(hidden=6), training=SMALL)), Unroll(text=TEXT))
    engine.send(Train(steps=12))
    engine.wait(StateChanged, lambda reply: reply.training_step == 12)
    number = 100
    engine.send(Compare(request=number, rivals=[rival("gru")]))
    reply = engine.wait(Compared, lambda reply: reply.request == number)
    while reply.models[1].training_step < 12:
        number += 1
        engine.send(Compare(request=number, rivals=[rival("gru")]))
        reply = engine.wait(Compared, lambda reply, number=number: reply.request == number)
    assert reply.models[1].losses.tolist() == alone(ModelSpec(cell="gru", hidden=6), SMALL, 12)[1]
    engine.send(Undo(steps=4), SetTraining(training=msgspec.structs.replace(SMALL, clip=0.0)))
    while True:
        number += 1
        engine.send(Compare(request=number, rivals=[rival("gru", clip=0.0)]))
        reply = engine.wait(Compared, lambda reply, number=number: reply.request == number)
        if [model.training_step for model in reply.models] == [8, 8]:
            break
    engine.send(Compare(request=99, rivals=[rival()] * 3))
    refused = engine.wait(Refused, lambda reply: reply.request == 99)
    assert "at most 2" in refused.sentence
    engine.send(Compare())


# ---------------------------------------------------------------------- several seeds


def shares(network, task):
    row, horizon = row_of(network, task)
    return row - row[desk_loss(task) - 1], horizon


def desk_loss(task):
    return int((task.encode(TEXT).targets >= 0).nonzero()[0][-1]) + 1


def test_a_band_spans_the_same_model_from_every_seed():
    desk = Desk()
    desk.compare(rival("gru"), seeds=3)
    desk.train(4)
    desk.catch_up()
    found = desk.compare(rival("gru"), seeds=3).models
    for model, cell in zip(found, ("elman", "gru"), strict=True):
        alone_each = [
            alone(ModelSpec(cell=cell, hidden=6), msgspec.structs.replace(SMALL, seed=3 + offset), 4)[0]
            for offset in range(3)
        ]
        rows, horizons = zip(*(shares(network, desk.bench.task) for network in alone_each), strict=True)
        last = desk_loss(desk.bench.task)
        np.testing.assert_allclose(model.lowest[:last], np.min(rows, axis=0)[:last], atol=1e-4)
        np.testing.assert_allclose(model.highest[:last], np.max(rows, axis=0)[:last], atol=1e-4)
        assert model.horizons == list(horizons)
        assert model.horizon == horizons[0]
        assert model.seeds_behind == 0


def test_other_seeds_follow_the_model_on_show_and_leave_with_the_wish():
    desk = Desk()
    desk.train(5)
    first = desk.compare(seeds=2).models[0]
    assert first.seeds_behind == 1
    desk.catch_up()
    desk.training.forget()
    desk.bench.set_run(RunSpec(model=ModelSpec(cell="lstm", hidden=3), training=SMALL))
    desk.train(2)
    desk.catch_up()
    found = desk.compare(seeds=2).models[0]
    network, _ = alone(ModelSpec(cell="lstm", hidden=3), msgspec.structs.replace(SMALL, seed=4), 2)
    assert found.horizons[1] == row_of(network, desk.bench.task)[1]
    assert found.seeds_behind == 0
    one = desk.compare(seeds=1).models[0]
    assert one.lowest is None
    assert one.horizons == []
    assert not desk.rivals.behind


def test_a_number_of_seeds_out_of_range_is_refused():
    with pytest.raises(SpecError, match="number of seeds"):
        Desk().compare(seeds=0)


@pytest.mark.parametrize("wanted", ["l0", "l0r", "l1", "l1r"])
def test_every_chain_of_a_stacked_bidirectional_model_is_compared_in_both_directions(wanted):
    desk, both = Desk(), ModelSpec(cell="lstm", hidden=4, layers=2, bidirectional=True)
    rivals = [RivalSpec(model=both, training=SMALL), rival("gru", 5)]
    desk.train(4)
    desk.compare(*rivals, layer=wanted, loss_step=3)
    desk.catch_up()
    shown, first, second = desk.compare(*rivals, layer=wanted, loss_step=3).models
    network, _ = alone(both, SMALL, 4)
    flow = gradient_flow(trace(network, desk.bench.task.encode(TEXT)), 3).layer(wanted)
    np.testing.assert_allclose(first.log2, flow.log2_total, rtol=0, atol=2e-5)
    assert first.horizon == flow.horizon
    for single in (shown, second):  # one chain only: it stands for all
        assert np.isfinite(single.log2).tolist() == [step <= 3 for step in range(1, len(TEXT) + 1)]
