"""The live connection: the same counts as without it, whatever happens to the pictures on the way."""

import json
import time

import pytest
from bodies import Camera, Movement, clock, film, follow, read_by_geometry
from live_actors import nobody
from starlette.websockets import WebSocketDisconnect
from web_client import LIVE, Browser, PoseReader, frame, picture, reps_of

from coach.errors import ModelError
from coach.exercise.rom.protocol import PROTOCOLS
from coach.web.settings import Limits

PLAN = {"reps": 9, "sets": 1, "countdown_s": 0, "side": "left"}


def filmed(left):
    times_s = clock(left[-1].end_s + 2.0, 20.0)
    return list(film(times_s, follow(left, times_s), follow((), times_s), Camera(fov=0.0)))


def wait_until(condition, limit_s=5.0):
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s, "it did not happen in time"
        time.sleep(0.02)


def test_reps_are_counted_and_said(client, poses):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        assert browser.greet(**PLAN)["type"] == "welcome"
        browser.play(poses)
        assert max(browser.counts) == 3
        assert {"1", "2", "3"} <= set(browser.said())
        last = browser.stop()
    assert last["reason"] == "ended"
    assert reps_of(last) == 3
    assert last["result"]["stored"]


def test_a_finished_plan_is_complete_and_in_the_history(client, poses):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**{**PLAN, "reps": 3})
        browser.play(poses)
        assert browser.states[-1]["stage"] == "finished"
        assert browser.stop()["result"]["summary"]["complete"]
    listed = client.get("/api/history").json()
    assert [(s["exercise"], s["reps"]["left"], s["status"]) for s in listed["sessions"]] == [
        ("seated", 3, "complete")
    ]
    assert listed["series"][0]["side"] == "left"


def test_every_state_carries_what_is_drawn(client, poses):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        browser.play(poses[:160])
        state = browser.states[-1]
        assert len(state["pose"]) == 33
        assert all(-1 < x < 2 and -1 < y < 2 for x, y, _ in state["pose"])
        assert state["working"] == ["left"]
        arc = next(arc for arc in state["arcs"] if arc["side"] == "left")
        knee = state["pose"][25]
        assert (arc["x"], arc["y"]) == pytest.approx(knee[:2], abs=1e-3)


def test_dropped_pictures_do_not_change_the_count(client, poses):
    """Two of three pictures are lost, at random places."""
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        browser.play(poses, skip=lambda pose: hash(round(pose.time_s, 2)) % 3 != 0)
        assert reps_of(browser.stop()) == 3


def test_a_gap_within_a_rep_counts_nothing_wrong(client, poses):
    """Half a rep is never seen: that one is asked for again, the others count."""
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        browser.play(poses, skip=lambda pose: 8.5 < pose.time_s < 10.0)
        assert max(browser.counts) == 2
        assert "The picture stalled. Do that one again." in browser.said()
        assert reps_of(browser.stop()) == 2


def test_a_dropped_connection_goes_on_where_it_was(client, poses):
    half = next(i for i, pose in enumerate(poses) if pose.time_s > 6.5)
    with client.websocket_connect(LIVE) as socket:
        first = Browser(socket)
        first.greet(**PLAN)
        first.play(poses[:half])
        before = first.counts[-1]
    with client.websocket_connect(LIVE) as socket:
        second = Browser(socket)
        welcome = second.greet(resume=first.token)
        assert welcome["resumed"]
        second.seq = first.seq
        second.play(poses, first=half)
        assert second.counts[0] == before
        assert "The camera is back." not in first.said()
        last = second.stop()
    assert reps_of(last) == 3
    assert last["result"]["history_id"] == 1


def test_a_page_loaded_anew_goes_on_with_a_clock_of_its_own(client, poses):
    with client.websocket_connect(LIVE) as socket:
        first = Browser(socket)
        first.greet(**PLAN)
        first.play(poses[:150])
        before = first.counts[-1]
    with client.websocket_connect(LIVE) as socket:
        again = Browser(socket, clock="two")
        again.greet(resume=first.token)
        for number in range(20):
            again.show(number, number * 0.05)
        assert len(again.states) == 20
        assert again.counts[-1] == before


def test_the_browser_comes_back_before_the_old_connection_is_known_to_be_dead(client, poses):
    with client.websocket_connect(LIVE) as old:
        first = Browser(old)
        first.greet(**PLAN)
        first.play(poses[:40])
        with client.websocket_connect(LIVE) as new:
            second = Browser(new)
            assert second.greet(resume=first.token)["type"] == "welcome"
            second.seq = first.seq
            second.play(poses, first=40)
            assert reps_of(second.stop()) == 3


def test_a_slow_engine_skips_pictures_and_acknowledges_them(serve, poses):
    client = serve(detector=PoseReader(poses, delay_s=0.1))
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        for seq in range(1, 21):
            socket.send_bytes(frame(seq, seq * 0.05, picture(seq)))
        browser.await_seq(20)
        assert len(browser.states) < 15


def test_old_and_repeated_pictures_are_passed_over(client, poses):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        browser.show(0, 5.0)
        assert browser.show(1, 5.0)["type"] == "ack"
        assert browser.show(1, 4.0)["type"] == "ack"
        assert browser.show(1, 5.1)["type"] == "state"


# -- pausing, tabs, endings


def test_pausing_and_going_on(client, poses):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        browser.play(poses[:60])
        socket.send_json({"type": "pause"})
        wait_until(lambda: browser.show(60, browser.seq * 0.05 + 10)["stage"] == "paused")
        socket.send_json({"type": "pause"})
        wait_until(lambda: browser.show(60, browser.seq * 0.05 + 20)["stage"] != "paused")


def test_a_second_tab_is_refused_and_may_take_over(client, poses):
    with client.websocket_connect(LIVE) as one, client.websocket_connect(LIVE) as two:
        first = Browser(one)
        first.greet(**PLAN)
        refused = Browser(two).greet(**PLAN)
        assert (refused["type"], refused["code"]) == ("refused", "busy")
        first.play(poses[:30])
        assert first.states
        with client.websocket_connect(LIVE) as three:
            assert Browser(three).greet(takeover=True, **PLAN)["type"] == "welcome"
            message = one.receive_json()
            assert (message["type"], message["reason"]) == ("over", "taken-over")


def test_who_does_not_come_back_is_concluded_and_stored(serve, poses):
    client = serve(Limits(kept_s=0.1))
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        browser.play(poses[:150])
    wait_until(lambda: client.get("/api/history").json()["sessions"][0]["status"] == "stopped", 8)
    with client.websocket_connect(LIVE) as socket:
        gone = Browser(socket).greet(resume=browser.token)
        assert (gone["type"], gone["code"]) == ("refused", "gone")


def test_a_wrong_token_opens_nothing(client):
    with client.websocket_connect(LIVE) as socket:
        Browser(socket).greet(**PLAN)
        with client.websocket_connect(LIVE) as other:
            assert Browser(other).greet(resume="guess")["code"] == "gone"


def test_nobody_in_the_picture_has_no_result(serve):
    client = serve(detector=PoseReader(nobody(2.0)))
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        browser.play(nobody(1.0))
        assert "Step into the picture" in browser.states[-1]["prompt"]
        assert browser.stop()["result"] is None


@pytest.mark.parametrize(
    ("error", "words"),
    [(ModelError("The model failed."), "The model failed."), (ZeroDivisionError(), "please report it")],
)
@pytest.mark.parametrize("mode", ["coach", "measure"])
def test_an_engine_that_fails_is_told_and_the_server_goes_on(serve, poses, mode, error, words):
    reader = PoseReader(poses)
    client = serve(detector=reader)
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(mode=mode)
        browser.show(0, 0.0)
        detect, reader.detect = reader.detect, lambda _frame: raise_it(error)
        last = browser.show(1, 0.1)
        assert (last["type"], last["reason"]) == ("over", "error")
        assert words in last["words"]
    reader.detect = detect
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(mode=mode)
        assert browser.show(0, 0.0)["type"] == "state"


def raise_it(error):
    raise error


# -- measuring


def test_a_measurement_is_told_listed_and_deleted(serve, tmp_path, monkeypatch):
    monkeypatch.setitem(PROTOCOLS, "seated", read_by_geometry(PROTOCOLS["seated"]))
    sitting = filmed(left=[Movement(2.0, 36.0, 1.2, 2.4, 1.2)])
    client = serve(detector=PoseReader(sitting))
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        assert browser.greet(mode="measure")["type"] == "welcome"
        browser.play(sitting)
        assert browser.states[-1]["counts"]["left"] == {"internal": 1, "external": 0}
        last = browser.stop()
    [left, right] = last["result"]["cards"]
    assert left["ways"][0]["median"] == pytest.approx(36.0, abs=2.0)
    assert right["ways"][0]["withheld"] == "Not performed."
    [listed] = client.get("/api/measurements").json()
    assert listed["values"]["left"]["internal"] == left["ways"][0]["value"]
    report = client.get(f"/api/measurements/{listed['id']}/measure.html")
    assert "sandbox" in report.headers["content-security-policy"]
    assert client.delete(f"/api/measurements/{listed['id']}").status_code == 204
    assert client.delete("/api/measurements/..").status_code in (404, 405)
    assert client.get("/api/measurements").json() == []
    assert (tmp_path / "web" / "analyses").parent.is_dir()


def test_a_posture_that_cannot_be_measured_is_refused_with_the_reason(client):
    with client.websocket_connect(LIVE) as socket:
        refused = Browser(socket).greet(mode="measure", protocol="prone")
        assert refused["code"] == "not-measurable"
        assert "goniometer" in refused["words"]


# -- hostile


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"mode": "coach"}',
        '{"mode": "coach", "clock": "x", "exercise": "../../etc/passwd"}',
        '{"mode": "coach", "clock": "x", "exercise": "seated", "reps": -1}',
        '{"mode": "coach", "clock": "x", "exercise": "seated", "more": 1}',
        '{"mode": "other", "clock": "x"}',
        "[" * 5000,
        "x" * 100_000,
    ],
)
def test_a_bad_greeting_is_refused(client, text):
    with client.websocket_connect(LIVE) as socket:
        socket.send_text(text)
        message = socket.receive_json()
        assert (message["type"], message["code"]) == ("refused", "bad-hello")


def test_pictures_before_the_greeting_are_refused(client):
    with client.websocket_connect(LIVE) as socket:
        socket.send_bytes(frame(1, 0.0, picture(0)))
        assert socket.receive_json()["code"] == "bad-hello"


def bomb(width, height):
    """A small picture whose header claims to be huge."""
    jpeg = bytearray(picture(0))
    at = next(i for i in range(2, len(jpeg)) if jpeg[i] == 0xFF and jpeg[i + 1] == 0xC0)
    jpeg[at + 5 : at + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(jpeg)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 11,
        frame(1, 0.0, b"GIF89a"),
        frame(1, float("nan"), picture(0)),
        frame(1, float("inf"), picture(0)),
        frame(1, 0.0, picture(0)[:200]),
        frame(1, 0.0, b"\xff\xd8" + b"\xff" * 5000),
        frame(1, 0.0, b"\xff\xd8\xff\xe0\x00\x00" * 20),
        frame(1, 0.0, bomb(65_000, 65_000)),
        frame(1, 0.0, bomb(1, 1)),
        frame(1, 0.0, b"\xff\xd8" + b"\x00" * 3_000_000),
    ],
    ids=range(11),
)
def test_a_malformed_picture_is_told_and_the_session_goes_on(client, poses, data):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        socket.send_bytes(data)
        assert socket.receive_json()["type"] == "bad-frame"
        browser.seq = 1
        assert browser.show(0, 1.0)["type"] == "state"


def test_nothing_but_malformed_pictures_ends_the_connection_not_the_session(client, poses):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        for _ in range(30):
            socket.send_bytes(b"rubbish")
        with pytest.raises(WebSocketDisconnect):
            while True:
                socket.receive_json()
    with client.websocket_connect(LIVE) as socket:
        assert Browser(socket).greet(resume=browser.token)["type"] == "welcome"


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"type": []}', '{"type": "explode"}', "[" * 100_000])
def test_a_malformed_command_is_passed_over(client, poses, text):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        socket.send_text(text)
        assert browser.show(0, 1.0)["type"] == "state"


def test_too_many_connections_are_turned_away(serve):
    client = serve(Limits(sockets=2))
    with client.websocket_connect(LIVE), client.websocket_connect(LIVE):
        time.sleep(0.1)
        with client.websocket_connect(LIVE) as third, pytest.raises(WebSocketDisconnect):
            third.receive_json()


def test_who_never_greets_is_sent_away(serve):
    client = serve(Limits(stall_s=0.2))
    with client.websocket_connect(LIVE) as socket, pytest.raises(WebSocketDisconnect):
        socket.receive_json()


def test_no_state_holds_what_json_cannot(client, poses):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(**PLAN)
        browser.play(poses[:60])
        assert "NaN" not in json.dumps(browser.states)
