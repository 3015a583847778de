"""Three models and the year: who shares weights over time finds it where it never stood before."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TrainingSpec
from rnnviz.engine.training_sharing import (
    EMBEDDING,
    HIDDEN,
    KERNEL,
    LONGER,
    SharingExperiment,
    answers,
    averaged,
    longer_batch,
)

SENTENCES = ("In 2009, I went to Nepal", "I went to Nepal in 2009")


@pytest.fixture(scope="module")
def learned():
    experiment = SharingExperiment(training=TrainingSpec(seed=1))
    assert list(experiment.learn(300))[-1] == 300
    return experiment


def test_shared_weights_carry_over_to_a_new_place_and_separate_ones_do_not(learned):
    report = learned.report()
    scores = {model.key: model for model in report.models}
    assert (report.step, report.trained_at) == (300, ("middle", "end"))
    for model in scores.values():
        assert min(model.accuracy["middle"], model.accuracy["end"]) > 0.95
    assert min(scores["rnn"].accuracy["front"], scores["cnn"].accuracy["front"]) > 0.9
    assert scores["mlp"].accuracy["front"] < 0.3
    assert min(scores["rnn"].longer, scores["cnn"].longer) > 0.9
    assert scores["mlp"].longer < 0.3


def test_the_published_pair_of_sentences(learned):
    found = answers(learned, SENTENCES)
    assert found["rnn"] == found["cnn"] == ("2009", "2009")
    assert found["mlp"][1] == "2009"
    with pytest.raises(SpecError, match="names no year"):
        answers(learned, ["I went to Nepal"])


def test_every_number_that_is_learned_is_counted(learned):
    words, years, window = learned.task.input_size, learned.task.output_size, learned.task.length
    counts = {model.key: model.parameter_count for model in learned.models}
    table, readout = words * EMBEDDING, years * (HIDDEN + 1)
    assert counts["rnn"] == table + 3 * HIDDEN * (EMBEDDING + HIDDEN + 2) + readout
    assert counts["mlp"] == table + HIDDEN * (window * EMBEDDING + 1) + readout
    assert counts["cnn"] == table + HIDDEN * (KERNEL * EMBEDDING + 1) + readout
    longer = {model.key: model.parameters_for_longer for model in learned.models}
    assert (longer["rnn"], longer["cnn"]) == (counts["rnn"], counts["cnn"])
    assert longer["mlp"] == table + HIDDEN * (2 * window * EMBEDDING + 1) + readout


def test_means_over_seeds_are_those_of_the_single_reports():
    experiments = [SharingExperiment(training=TrainingSpec(seed=seed)) for seed in (2, 3, 4)]
    for experiment in experiments:
        list(experiment.learn(8))
    reports = [experiment.report() for experiment in experiments]
    for place, mean in enumerate(averaged(reports)):
        scores = [report.models[place] for report in reports]
        assert {score.key for score in scores} == {mean.key}
        shares = {name: [score.accuracy[name] for score in scores] for name in ("front", "middle", "end")}
        shares[LONGER] = [score.longer for score in scores]
        for name, each in shares.items():
            assert mean.mean[name] == pytest.approx(sum(each) / 3)
            assert (mean.lowest[name], mean.highest[name]) == (min(each), max(each))
        assert mean.loss == pytest.approx(sum(score.loss for score in scores) / 3)
    list(experiments[0].learn(1))
    with pytest.raises(SpecError, match="different training steps"):
        averaged([experiments[0].report(), *reports[1:]])
    with pytest.raises(SpecError, match="at least one"):
        averaged([])


def test_experiments_may_share_their_test_sentences():
    shared = {}
    first = SharingExperiment(training=TrainingSpec(seed=1), tests=shared)
    alone = SharingExperiment(training=TrainingSpec(seed=1))
    for experiment in (first, alone):
        list(experiment.learn(1))
    assert first.report() == alone.report()
    second = SharingExperiment(training=TrainingSpec(seed=2), tests=shared)
    second.report()
    assert second.tests[0] is first.tests[0]


def test_the_seed_decides_everything():
    losses = []
    for _ in range(2):
        experiment = SharingExperiment(training=TrainingSpec(seed=4))
        for _ in experiment.learn(3):
            pass
        losses.append([model.loss for model in experiment.models])
    assert losses[0] == losses[1]


def test_longer_texts_are_longer_than_any_in_training_and_name_one_year(learned):
    batch = longer_batch(learned.task, np.random.default_rng(0), 20)
    assert batch.lengths.min() > learned.task.length
    assert ((batch.targets >= 0).sum(axis=1) == 1).all()


@pytest.mark.parametrize("places", [(), ("behind",)])
def test_places_that_do_not_exist_are_refused(places):
    with pytest.raises(SpecError, match="choose from front, middle, end"):
        SharingExperiment(places)
