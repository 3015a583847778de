"""The proof of the network on show, computed when it is asked for (see :mod:`rnnviz.service.messages.evidence`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.engine.errors import SpecError
from rnnviz.service.lab.base import Experiment
from rnnviz.service.lab.movie import torch_loaded
from rnnviz.service.messages import Check, Prove, Proved, Reply
from rnnviz.service.replies import checksum

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.service.lab.base import Laboratory


def _prove(laboratory: Laboratory, command: Prove) -> Generator[None, None, Reply]:
    del command
    if not torch_loaded():
        raise SpecError("PyTorch is still loading; check again in a few seconds.")
    from rnnviz.engine.training_proof import prove_slices

    bench = laboratory.bench
    text, step, mark = bench.text, bench.training_step, checksum(bench.text, bench.trace)
    proof = yield from prove_slices(bench.network, bench.encoded)
    checks = [
        Check(
            title=found.title,
            sentence=found.sentence,
            difference=found.difference,
            allowed=found.allowed,
            passed=found.passed,
            measure=found.measure,
            seconds=found.seconds,
            skipped=found.skipped,
        )
        for found in proof.findings
    ]
    return Proved(
        checks=checks,
        text=text,
        steps=proof.steps,
        length=proof.length,
        note=proof.note,
        seconds=sum(found.seconds for found in proof.findings),
        training_step=step,
        checksum=mark,
    )


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="evidence", command=Prove, answer=_prove),)
