"""One answerer, sixty calls."""

import os
import pathlib
import signal

import pytest

CALLS = 60
WARM = 20  # after so many there is what every call needs
KILOBYTES = 30  # a call; about 10 are left, and pages come and go


def resources(pid):
    """(open files, threads, resident memory in kB)"""
    status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"]), int(status["VmRSS"].split()[0])


@pytest.mark.long
@pytest.mark.timeout(400)  # a minute where there is nothing beside it
def test_sixty_calls_leave_nothing_behind(agent):
    answer = agent("--answer", "--listen", "0", "--keep")
    url = answer.url()
    after = []
    for number in range(CALLS):
        offer = agent("--offer", url, "--duration", "0.5")
        offer.ends(0)
        assert {event["media"] for event in offer.events("first-frame")} == {"audio", "video"}
        # The next caller may come at once: the line is free, no call is refused. What is measured is what is left
        # when the call is taken down.
        answer.event("call-ended", 10, where=lambda event: len(answer.events("call-ended")) > number)
        after.append(resources(answer.pid))
    answer.signal(signal.SIGINT)
    answer.ends(0)
    calls = {event["call"] for event in answer.events("connected")}
    assert len(calls) == CALLS
    warm, last = after[WARM - 1], after[-1]
    assert abs(last[0] - warm[0]) <= 3, after
    assert abs(last[1] - warm[1]) <= 3, after
    assert last[2] - warm[2] < KILOBYTES * (CALLS - WARM), after
