"""What the history page asks for."""

import csv
import io

import pytest
from web_client import LIVE, Browser


@pytest.fixture
def stored(client, poses):
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(reps=9, sets=1, countdown_s=0, side="left")
        browser.play(poses)
        browser.stop()
    return client


def test_a_session_is_listed_with_its_rotation_and_its_uncertainty(stored):
    listed = stored.get("/api/history").json()
    [session] = listed["sessions"]
    assert (session["name"], session["reps"]) == ("Seated rotation", {"left": 3, "right": 0})
    assert "±" in session["best"]["left"]
    [series] = listed["series"]
    assert series["points"][0]["value"] == pytest.approx(30.0, abs=3.0)
    assert series["points"][0]["sd"] > 0
    assert series["detectable"] > 0
    assert "One session so far" in series["change"]


def test_it_is_exported_as_csv_and_json(stored):
    rows = list(csv.DictReader(io.StringIO(stored.get("/api/history/export.csv").text)))
    assert [row["kind"] for row in rows] == ["rep"] * 3
    answer = stored.get("/api/history/export.json")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert len(answer.json()[0]["reps"]) == 3
    assert stored.get("/api/history/export.exe").status_code == 404


def test_one_session_can_be_looked_at_and_deleted(stored):
    assert stored.get("/api/history/1").json()["exercise"] == "seated"
    assert stored.delete("/api/history/1").status_code == 204
    assert stored.delete("/api/history/1").status_code == 404
    assert stored.get("/api/history/1").status_code == 404
    for number in ("x", "0", "-1", "9" * 19, "9" * 5000):
        assert stored.get(f"/api/history/{number}").status_code == 422
        assert stored.delete(f"/api/history/{number}").status_code == 422


def test_the_safety_notes_are_confirmed_once(client):
    assert client.get("/api/about").json()["acknowledged"] is False
    assert client.post("/api/safety").status_code == 204
    assert client.get("/api/about").json()["acknowledged"] is True


def test_a_database_that_cannot_be_read_is_told_in_a_sentence(serve, tmp_path):
    (tmp_path / "broken").write_text("this is no database " * 100)
    client = serve(history=f"sqlite:///{tmp_path / 'broken'}")
    answer = client.get("/api/history")
    assert answer.status_code == 404
    assert "cannot be used" in answer.json()["detail"]
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        assert browser.greet()["type"] == "welcome"
        assert "not stored" in browser.stop()["warnings"][0]
