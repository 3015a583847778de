from __future__ import annotations

import os
import threading

import pytest

from rnnviz.service.inbox import CommandPipe, Inbox
from rnnviz.service.messages import Differentiate, Inspect, Pause, Stop, Train, Unroll
from rnnviz.service.wire import HEADER, encode


@pytest.mark.fault(22)
def test_a_slot_holds_only_the_newest_and_the_queue_cannot_grow():
    replaced = []
    inbox = Inbox(superseded=replaced.append)
    for number in range(10_000):
        inbox.put(Unroll(request=number, text=str(number)))
        inbox.put(Inspect(request=number, time_step=number))
        assert len(inbox) <= 2
    assert [inbox.take(0).request, inbox.take(0).request] == [9999, 9999]
    assert inbox.take(0) is None
    assert len(replaced) == 2 * 9999


def test_commands_that_change_something_all_arrive_in_order():
    inbox = Inbox(superseded=lambda command: None)
    sent = [Train(steps=1), Unroll(text="a"), Pause(), Train(steps=2), Unroll(text="b"), Differentiate()]
    for command in sent:
        inbox.put(command)
    received = [inbox.take(0) for _ in range(5)]
    assert received == [Train(steps=1), Pause(), Train(steps=2), Unroll(text="b"), Differentiate()]


def test_the_pipe_reads_until_the_end_and_then_stops():
    read, write = os.pipe()
    inbox, ends, refused = Inbox(superseded=lambda command: None), [], []
    over = threading.Event()

    def ended(reason):
        ends.append(reason)
        over.set()

    CommandPipe(read, inbox, refused=refused.append, ended=ended).start()
    os.write(write, encode(Pause()) + HEADER.pack(b"RNV1", 3) + b"\xc1ab" + encode(Train()))
    os.close(write)
    assert [inbox.take(10) for _ in range(3)] == [Pause(), Train(), Stop()]
    assert over.wait(10)
    assert ends == [""]
    assert len(refused) == 1
    os.close(read)


@pytest.mark.fault(20)
def test_a_broken_link_ends_with_a_reason():
    read, write = os.pipe()
    inbox, ends = Inbox(superseded=lambda command: None), []
    CommandPipe(read, inbox, refused=lambda sentence: None, ended=ends.append).start()
    os.write(write, b"this is no frame at all")
    assert inbox.take(10) == Stop()
    assert "no frame" in ends[0]
    os.close(write)
    os.close(read)
