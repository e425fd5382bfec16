"""Descriptions that are wrong, altered or hostile: exit status 5, and 7 for the certificate."""

import pathlib
import re
import signal

import pytest

from harness.wire import edit_sdp


def sections(text):
    """The session part, and each m-line with what belongs to it."""
    return re.split(r"(?m)^(?=m=)", text)


def edit_media(kind, change):
    return lambda text: "".join(change(part) if part.startswith(f"m={kind}") else part
                                for part in sections(text))


def another_payload_type(part):
    number = re.match(r"m=\w+ \d+ \S+ (\d+)", part)[1]
    return re.sub(rf"(?m)(^m=\w+ \d+ \S+ |^a=(?:rtpmap|fmtp|rtcp-fb):){number}\b", r"\g<1>77", part)


def another_codec(part):
    return re.sub(r"(?mi)^(a=rtpmap:\d+ )(?:VP8|VP9|H264|opus)/", r"\g<1>X-NOVEL/", part)


def direction(name):
    return lambda part: re.sub(r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)", f"a={name}", part)


def flip(text):
    """One byte of each fingerprint."""
    return re.sub(r"(a=fingerprint:\S+ )([0-9A-Fa-f]{2})",
                  lambda found: f"{found[1]}{int(found[2], 16) ^ 1:02X}", text)


def bundle(change):
    """The BUNDLE group with other members."""
    return lambda text: re.sub(r"(?m)^a=group:BUNDLE (.*?)\r?$",
                               lambda found: " ".join(["a=group:BUNDLE", *change(found[1].split())]), text)


def with_lines(text):
    return text + "a=x-filler:0123456789abcdef0123456789abcdef0123456789abcdef\r\n" * 175_000  # 10 MB


def with_media(text):
    return text + "".join(f"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:x{i}\r\n" for i in range(1000))


DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
TWCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


def agrees_to_feedback(text, twcc_id):
    """Retransmission and keyframe requests for the picture, transport-wide feedback for both media."""
    for kind in ("audio", "video"):
        part = next(part for part in sections(text) if part.startswith(f"m={kind}"))
        chosen = re.match(r"m=\w+ \d+ \S+ (\d+)", part)[1]
        feedback = re.findall(rf"(?m)^a=rtcp-fb:{chosen} (.*?)\r?$", part)
        assert "transport-cc" in feedback
        assert f"a=extmap:{twcc_id} {TWCC}" in part
        if kind == "video":
            assert {"nack", "nack pli"} <= set(feedback)
            assert re.search(rf"(?m)^a=fmtp:\d+ apt={chosen}\r?$", part), "no RTX"


def test_agents_agree_to_retransmission_and_feedback(agent, wire):
    server = wire()
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    agent("--offer", server.url, "--duration", "1").ends(0)
    answer.ends(0)
    for kind in ("sdp", "sdpRemote"):
        agrees_to_feedback(server.wait_message(kind)["sdp"]["sdp"], 3)


@pytest.mark.parametrize("browser, twcc_id, payload_types", [("chromium", 3, ("111", "96")), ("firefox", 7, ("109", "120"))])
def test_an_answer_takes_ids_and_payload_types_from_the_offer(agent, wire, browser, twcc_id, payload_types):
    server = wire()
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    offer = (DATA / f"{browser}-offer.sdp").read_bytes().decode()
    server.inject({"type": "sdp", "sdp": {"type": "offer", "sdp": offer}})
    text = server.wait_message("sdpRemote")["sdp"]["sdp"]
    agrees_to_feedback(text, twcc_id)
    assert tuple(re.findall(r"(?m)^m=\w+ \d+ \S+ (\d+)", text)) == payload_types
    answer.signal(signal.SIGINT)
    answer.ends(130)


# What the text becomes, and a word of the reason.
BAD = {
    "not SDP": (lambda text: "hello", "hello"),
    "empty": (lambda text: "", "empty"),
    "cut off": (lambda text: text[:60], ""),
    "no media": (lambda text: sections(text)[0], ""),
    "no common video codec": (edit_media("video", another_codec), "video"),
    "no common audio codec": (edit_media("audio", another_codec), "audio"),
    "10 MB": (with_lines, ""),
    "1,000 m-lines": (with_media, "m-line"),
    "no fingerprint": (lambda text: re.sub(r"(?m)^a=fingerprint.*\r?\n", "", text), "fingerprint"),
    "no ICE credentials": (lambda text: re.sub(r"(?m)^a=ice-(ufrag|pwd).*\r?\n", "", text), "ice"),
    "control characters": (lambda text: text.replace("v=0", "v=0\x01"), ""),
    "the first m-line outside the bundle": (bundle(lambda mids: mids[1:]), "BUNDLE"),
}


@pytest.mark.parametrize("change, says", BAD.values(), ids=BAD.keys())
def test_a_bad_offer(agent, wire, change, says):
    server = wire(edit_sdp(change, ["sdp"]))
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    offer = agent("--offer", server.url)
    answer.ends(5, says=says)
    offer.ends(5, says="description")  # is told so
    assert not answer.events("connected")


@pytest.mark.parametrize("change, says", BAD.values(), ids=BAD.keys())
def test_a_bad_answer(agent, wire, change, says):
    server = wire(edit_sdp(change, ["sdpRemote"]))
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    agent("--offer", server.url).ends(5, says=says)
    answer.ends(5, says="description")


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_an_answer_with_a_payload_type_that_was_not_offered(agent, wire, kind):
    server = wire(edit_sdp(edit_media(kind, another_payload_type), ["sdpRemote"]))
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    agent("--offer", server.url).ends(5, says=kind)
    answer.ends(5)


@pytest.mark.parametrize("kind", ["audio", "video"])
@pytest.mark.parametrize("name", ["sendonly", "inactive"])
def test_a_peer_that_does_not_take_what_we_send(agent, wire, kind, name):
    server = wire(edit_sdp(edit_media(kind, direction(name)), ["sdpRemote"]))
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    agent("--offer", server.url).ends(5, says=kind)
    answer.ends(5)


def test_a_peer_that_rejects_the_video(agent, wire):
    server = wire(edit_sdp(lambda text: re.sub(r"m=video \d+", "m=video 0", text), ["sdpRemote"]))
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    agent("--offer", server.url).ends(5, says="video")
    answer.ends(5)


def test_one_way_is_a_warning_where_that_is_wanted(agent):
    answer = agent("--answer", "--listen", "0", "--video", "none")
    offer = agent("--offer", answer.url(), "--duration", "2")
    offer.ends(0)
    answer.ends(0)
    assert [warning["code"] for warning in offer.events("warning")] == ["peer-sends-no-video"]
    assert not [event for event in offer.events("first-frame") if event["media"] == "video"]
    assert [event for event in answer.events("first-frame") if event["media"] == "video"]


def test_a_peer_that_takes_nothing_is_allowed(agent, wire):
    server = wire(edit_sdp(edit_media("video", direction("sendonly")), ["sdpRemote"]))
    answer = agent("--answer", server.url, "--allow-one-way")
    server.wait_clients(1)
    offer = agent("--offer", server.url, "--allow-one-way", "--duration", "2")
    offer.ends(0)
    assert offer.events("warning")
    assert offer.events("first-frame")


def test_agents_without_a_common_codec(agent):
    answer = agent("--answer", "--listen", "0", "--video-codec", "h264")
    offer = agent("--offer", answer.url(), "--video-codec", "vp8")
    reason = answer.ends(5)["reason"]
    assert "VP8" in reason and "H264" in reason
    offer.ends(5)


@pytest.mark.parametrize("altered, victim", [("sdp", "answer"), ("sdpRemote", "offer")])
def test_one_flipped_byte_in_a_fingerprint(agent, wire, altered, victim):
    server = wire(edit_sdp(flip, [altered]))
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    offer = agent("--offer", server.url)
    deceived, other = (answer, offer) if victim == "answer" else (offer, answer)
    deceived.ends(7, says="promised")
    other.ends(7, says="certificate")  # is told, or sees DTLS broken off
    assert not deceived.events("connected")
    for each in (answer, offer):  # nothing was seen or heard on either side
        assert not each.events("first-frame")
