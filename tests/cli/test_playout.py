"""When what is received is rendered: later where the path is uneven, and sound with the picture."""

import signal
import statistics

import pytest

from harness.agent import in_call

# They wait for the time of what they are given, as a window and loudspeakers do.
SINKS = ["--video-sink", "identity ! fakesink sync=true", "--audio-sink", "identity ! fakesink sync=true"]


def played(agent, seconds, *options):
    """The events of the caller, whose network is such."""
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), *SINKS, *options)
    in_call(answer, offer)
    begun = offer.event("stats")["t"]
    offer.event("stats", seconds + 15, where=lambda event: event["t"] > begun + seconds)
    offer.signal(signal.SIGINT)
    offer.ends(0)
    answer.ends(0)
    return offer.events()


def quality(events):
    """Of the last seconds."""
    return [event.get("quality", {}) for event in events if event["event"] == "stats"][-4:]


def median(events, *path):
    values = []
    for each in quality(events):
        for name in path:
            each = each.get(name, {})
        if each != {}:
            values.append(each)
    return statistics.median(values)


@pytest.mark.alone
def test_an_uneven_path_is_waited_for(agent):
    """The packets need 10 to 70 ms: pictures are rendered when the slowest of them can be there."""
    events = played(agent, 12, "--simulate", "in.delay=40ms,in.jitter=30ms")
    delays = [(event["t"], event["delay_ms"]) for event in events if event["event"] == "playout"]
    assert delays and 30 <= delays[-1][1]

    def least(end):
        """Of the delays that were in force in the second before."""
        before = [delay for t, delay in delays if t <= end - 1][-1:]
        return min(before + [delay for t, delay in delays if end - 1 < t <= end])

    later = [event["quality"]["video"]["latency_ms"] - least(event["t"]) for event in events
             if event["event"] == "stats" and event["t"] > delays[0][0] and "video" in event.get("quality", {})][-4:]
    assert statistics.median(later) >= 10 - 20
    assert abs(median(events, "av_skew_ms")) < 40
    assert median(events, "audio", "gap_ms") == 0


@pytest.mark.alone
def test_a_delay_that_was_chosen(agent):
    events = played(agent, 5, "--playout-delay", "150")
    assert [event["delay_ms"] for event in events if event["event"] == "playout"] == [150]
    assert median(events, "video", "latency_ms") == pytest.approx(155, abs=15)
    assert median(events, "audio", "latency_ms") == pytest.approx(155, abs=15)
    assert abs(median(events, "av_skew_ms")) < 15


@pytest.mark.alone
def test_sound_that_is_lost_is_not_waited_for_longer_than_the_picture(agent):
    events = played(agent, 12, "--simulate", "in.loss=5%,in.delay=20ms")
    assert abs(median(events, "av_skew_ms")) < 40
