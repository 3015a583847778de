from __future__ import annotations

from rnnviz.service.jobs import Jobs


def slices(name, count, log):
    for number in range(count):
        log.append(f"{name}{number}")
        yield


def test_jobs_take_turns_and_end_by_themselves():
    log, ended = [], []
    jobs = Jobs(ended=ended.append)
    jobs.start("credit", 1, slices("a", 2, log))
    jobs.start("history", 2, slices("b", 3, log))
    while jobs:
        jobs.advance()
    jobs.advance()
    assert log == ["a0", "b0", "a1", "b1", "b2"]
    assert ended == []


def test_a_newer_job_of_a_slot_ends_the_older():
    log, ended = [], []
    jobs = Jobs(ended=ended.append)
    jobs.start("credit", 1, slices("a", 9, log))
    jobs.advance()
    jobs.start("credit", 2, slices("b", 1, log))
    assert ended == [1]
    jobs.advance()
    jobs.clear()
    assert ended == [1, 2]
    assert not jobs
    assert log == ["a0", "b0"]
