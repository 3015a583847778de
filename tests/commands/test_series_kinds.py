"""The series that the program makes itself, chosen on the command line by name."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.engine import checkpoint
from rnnviz.engine.tasks import make_task


@pytest.mark.parametrize("kind", ["sines", "steps", "mackey-glass", "mackey-glass 30"])
def test_a_series_is_chosen_by_name_trained_and_traced(kind, tmp_path, capsys):
    run, out = tmp_path / "run.rnnviz", tmp_path / "a.npz"
    assert main(["train", "--task", "series", "--data", kind, "--steps", "2", "--out", str(run)]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    document = checkpoint.load(run)
    task = make_task(document.run.task)
    assert document.run.task.text == kind
    assert told["baseline"] == pytest.approx(task.baseline)
    assert document.text == task.example
    assert main(["trace", "0,1 0,5 -0,3", "--task", "series", "--data", kind, "--out", str(out)]) == 0
    assert len(np.load(out)["loss"]) == 3


def test_another_name_is_a_file_and_a_delay_has_limits(capsys):
    assert main(["train", "--task", "series", "--data", "cosines", "--steps", "1"]) == 2
    assert "cosines" in capsys.readouterr().err
    assert main(["train", "--task", "series", "--data", "mackey-glass 99", "--steps", "1"]) == 2
    assert "give 5 to 60" in capsys.readouterr().err
