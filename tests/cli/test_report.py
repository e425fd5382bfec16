"""--report: the page is there after every call, whatever its end, and draws saved runs as well. What it looks like is
in browser/test_report_page.py."""

import base64
import json
import re
import signal

import pytest

from harness.agent import in_call
from harness.media import mean_colour


def data(path):
    """What stands in a page."""
    text = path.read_text()
    assert text.rstrip().endswith("</html>")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def names(run):
    return [event["event"] for event in run["events"]]


def test_both_ends_write_the_report_of_their_call(agent, tmp_path):
    answer = agent("--answer", "--listen", "0", "--report", tmp_path / "answer.html")
    offer = agent("--offer", answer.url(), "--duration", "2", "--report", tmp_path / "offer.html",
                  "--snapshot", tmp_path / "last.png")
    offer.ends(0)
    answer.ends(0)
    for each in (answer, offer):
        page = data(tmp_path / f"{each.name.split('-')[0]}.html")
        assert page["runs"][0]["events"] == each.events()
    assert page["runs"][0]["pictures"][str(tmp_path / "last.png")].startswith("data:image/png;base64,iVBOR")
    assert not list(tmp_path.glob("*.html.*"))


def test_it_needs_no_events_file_and_a_signal_does_not_stop_it(agent, tmp_path):
    report = tmp_path / "r.html"
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--headless", "--stun", "none", "--report", report, defaults=False)
    in_call(answer)
    assert not report.exists()
    offer.signal(signal.SIGTERM)
    assert offer.wait(10) == 0
    [run] = data(report)["runs"]
    assert names(run)[0] == "start" and names(run)[-1] == "end" and "connected" in names(run)
    assert run["missing"] == 0
    answer.ends(0)


def test_a_call_that_fails_has_one_too(agent, tmp_path):
    report = tmp_path / "r.html"
    (tmp_path / "old.png").write_bytes(b"\x89PNG of yesterday")
    offer = agent("--offer", "ws://localhost:1/ws", "--report", report, "--snapshot", tmp_path / "old.png")
    end = offer.ends(3)
    page = data(report)
    assert page["runs"][0]["events"][-1]["reason"] == end["reason"]
    assert "pictures" not in page["runs"][0]


def test_all_calls_of_one_process_are_in_one(agent, tmp_path):
    report = tmp_path / "r.html"
    answer = agent("--answer", "--listen", "0", "--keep", "--report", report)
    for _ in range(2):
        agent("--offer", answer.url(), "--duration", "1").ends(0)
    answer.event("call-ended", where=lambda event: len(answer.events("call-ended")) == 2)
    answer.signal(signal.SIGINT)
    answer.ends(0)
    [run] = data(report)["runs"]
    assert names(run).count("call-ended") == 2


def test_each_call_of_one_process_has_its_own_last_picture(agent, tmp_path):
    report, last = tmp_path / "r.html", tmp_path / "last.png"
    (tmp_path / "last-2.png").write_bytes(b"\x89PNG of yesterday")
    answer = agent("--answer", "--listen", "0", "--keep", "--report", report, "--snapshot", last)
    for number, video in enumerate(("videotestsrc is-live=true pattern=red ! videoconvert", "none",
                                    "videotestsrc is-live=true pattern=blue ! videoconvert"), 1):
        agent("--offer", answer.url(), "--duration", "1", "--video", video).ends(0)
        answer.event("call-ended", where=lambda event: len(answer.events("call-ended")) == number)
    answer.signal(signal.SIGINT)
    answer.ends(0)

    files = [event["summary"].get("snapshot") for event in answer.events("call-ended")]
    assert files == [str(last), None, str(tmp_path / "last-3.png")]
    [run] = data(report)["runs"]
    assert run["pictures"].keys() == {files[0], files[2]}
    for file, colour in ((files[0], "red"), (files[2], "blue")):
        prefix, picture = run["pictures"][file].split(",")
        assert prefix == "data:image/png;base64"
        channels = mean_colour(base64.b64decode(picture))
        assert max(channels, key=channels.get) == colour and sorted(channels.values())[1] < 40


@pytest.mark.parametrize("path", ["nowhere/r.html", "folder.html"])
def test_a_place_that_cannot_be_written_is_found_at_the_start(agent, tmp_path, path):
    (tmp_path / "folder.html").mkdir()
    offer = agent("--offer", "ws://localhost:1/ws", "--report", tmp_path / path, defaults=False)
    assert offer.wait(10) == 2
    offer.says_one_line(offer.stderr.strip().removeprefix("callagent: "))
    assert f"--report: cannot write to '{tmp_path / path}': " in offer.stderr


def saved(tmp_path, name, *events, rest=""):
    path = tmp_path / name
    path.write_text("".join(json.dumps(event) + "\n" for event in events) + rest)
    return path


START = {"ts": "2026-11-25T04:55:55.611Z", "t": 0.06, "event": "start", "schema": 1, "mode": "offer"}
END = {"ts": "2026-11-25T04:55:56.611Z", "t": 1.06, "event": "end", "schema": 1, "exit_code": 4, "summary": {},
       "reason": "</script><script>alert(1)</script><!-- & nobody"}


def test_saved_runs_are_drawn_side_by_side(agent, tmp_path):
    first, second = saved(tmp_path, "a.ndjson", START, END), saved(tmp_path, "b.ndjson", START, END)
    drawn = agent("--report", tmp_path / "r.html", "--from", first, "--from", second, defaults=False)
    assert drawn.wait(10) == 0
    page = data(tmp_path / "r.html")
    assert [run["label"] for run in page["runs"]] == ["a.ndjson", "b.ndjson"]
    assert page["runs"][1]["events"] == [START, END]
    assert drawn.stdout == ""


def test_saved_calls_get_the_pictures_beside_the_given_one(agent, tmp_path):
    """The events may come from elsewhere: what they name is not opened, only what lies where --snapshot says."""
    def call(name, **summary):
        return {**END, "event": name, "exit_code": 0, "reason": "bye", "summary": summary}

    calls = saved(tmp_path, "a.ndjson", START, call("call-ended", snapshot="/there/last.png"), call("call-ended"),
                  call("call-ended", snapshot="/there/last-3.png"), call("end", snapshot=str(tmp_path / "secret.png")))
    (tmp_path / "here").mkdir()
    for name in ("here/last.png", "here/last-3.png", "here/secret.png", "secret.png"):
        (tmp_path / name).write_bytes(b"\x89PNG" + name.encode())
    drawn = agent("--report", tmp_path / "r.html", "--from", calls, "--snapshot", tmp_path / "here" / "last.png",
                  defaults=False)
    assert drawn.wait(10) == 0
    [run] = data(tmp_path / "r.html")["runs"]
    assert {name: base64.b64decode(url.split(",")[1])[4:] for name, url in run["pictures"].items()} == {
        "/there/last.png": b"here/last.png", "/there/last-3.png": b"here/last-3.png"}


def test_a_picture_that_no_saved_call_names_is_the_first_ones(agent, tmp_path):
    (tmp_path / "last.png").write_bytes(b"\x89PNG")
    drawn = agent("--report", tmp_path / "r.html", "--from", saved(tmp_path, "a.ndjson", START, END),
                  "--snapshot", tmp_path / "last.png", defaults=False)
    assert drawn.wait(10) == 0
    [run] = data(tmp_path / "r.html")["runs"]
    assert run["pictures"] == {"": "data:image/png;base64,iVBORw=="}


def test_what_is_no_event_is_left_out_and_said(agent, tmp_path):
    path = saved(tmp_path, "a.ndjson", START, END, rest='not JSON\n{"event": "sta')
    drawn = agent("--report", tmp_path / "r.html", "--from", path, defaults=False)
    assert drawn.wait(10) == 0
    assert f"left out of '{path}' what is no event: 2 lines" in drawn.stderr
    [run] = data(tmp_path / "r.html")["runs"]
    assert (run["missing"], len(run["events"])) == (2, 2)


@pytest.mark.parametrize("text", [None, "", "hello\n"], ids=["none", "empty", "other"])
def test_a_file_that_holds_no_run_is_refused(agent, tmp_path, text):
    path = tmp_path / "a.ndjson"
    if text is not None:
        path.write_text(text)
    drawn = agent("--report", tmp_path / "r.html", "--from", path, defaults=False)
    assert drawn.wait(10) == 2
    assert drawn.stderr.startswith(f"callagent: --from: cannot read '{path}': ")
    assert len(drawn.stderr.splitlines()) == 1
    assert not (tmp_path / "r.html").exists()


def test_events_that_cannot_be_written_are_still_in_the_report(agent, tmp_path):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--headless", "--stun", "none", "--duration", "1", "--events", "/dev/full",
                  "--report", tmp_path / "r.html", defaults=False)
    assert offer.wait(20) == 0
    [run] = data(tmp_path / "r.html")["runs"]
    assert names(run)[-1] == "end" and "connected" in names(run)
    answer.ends(0)


def test_a_report_that_cannot_be_written_at_the_end_is_a_failure(agent, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--headless", "--stun", "none", "--report", folder / "r.html", defaults=False)
    in_call(answer)
    folder.rmdir()
    offer.signal(signal.SIGINT)
    assert offer.wait(10) == 9
    assert f"callagent: --report: cannot write to '{folder / 'r.html'}': " in offer.stderr
    answer.ends(0)
