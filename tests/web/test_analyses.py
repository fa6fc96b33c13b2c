"""Uploads: what is taken, what is refused, and that a browser's words never become paths."""

import threading
import time
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from footage import make_frames, steady_times, write_audio_only, write_still, write_video
from web_client import WIDTH, make_settings

from coach.body.pose import Pose
from coach.web.analyses import Queue
from coach.web.settings import Limits
from coach.web.uploads import clean_name, is_video

SECONDS = 4


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    return write_video(path, make_frames(SECONDS * 10), steady_times(SECONDS * 10, 10.0)).read_bytes()


class Sitter:
    """Sees somebody sitting still in every picture; can be held up."""

    model = "scripted"

    def __init__(self, pose):
        self._pose = pose
        self.go = threading.Event()
        self.go.set()
        self.closed = 0

    def detect(self, frame):
        self.go.wait(10)
        scale = frame.image.shape[1] / WIDTH
        pose = self._pose
        return Pose(frame.time_s, np.asarray(pose.image_px) * scale, pose.world_m, pose.visibility)

    def close(self):
        self.closed += 1


@pytest.fixture
def sitter(poses):
    return Sitter(poses[0])


def upload(client, content, name="clip.mp4", exercise="seated", **query):
    text = "&".join(f"{key}={value}" for key, value in {"exercise": exercise, **query}.items())
    return client.post(f"/api/analyses?{text}", content=content, headers={"x-file-name": quote(name)})


def wait_for(client, key, *states, limit_s=20.0):
    until_s = time.monotonic() + limit_s
    while True:
        found = next((a for a in client.get("/api/analyses").json() if a["id"] == key), None)
        if found is None or found["state"] in states:
            return found
        assert time.monotonic() < until_s, found
        time.sleep(0.05)


def files_in(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file())


def test_a_video_is_analysed_and_the_upload_deleted(serve, sitter, video, tmp_path):
    client = serve(detector=sitter)
    answer = upload(client, video, "My knee – März.mp4")
    assert answer.status_code == 201
    done = wait_for(client, answer.json()["id"], "done", "failed")
    assert (done["state"], done["words"]) == ("done", done["words"])
    assert done["name"] == "My knee – März.mp4"
    assert done["result"]["summary"]["source"]["name"] == "My knee – März.mp4"
    assert set(done["files"]) >= {"report.html", "annotated.mp4", "summary.json", "reps.csv", "landmarks.npz"}
    assert not any(name.endswith("upload") for name in files_in(tmp_path))
    for name in done["files"]:
        answer = client.get(f"/api/analyses/{done['id']}/{name}")
        assert answer.status_code == 200
        assert "sandbox" in answer.headers["content-security-policy"]
    assert "M&#x27;" not in client.get(f"/api/analyses/{done['id']}/report.html").text


def test_an_upload_is_kept_when_asked_for_and_may_go_into_the_history(serve, sitter, video, tmp_path):
    client = serve(detector=sitter)
    key = upload(client, video, keep="true", remember="true").json()["id"]
    assert wait_for(client, key, "done", "failed")["state"] == "done"
    assert f"web/analyses/{key}/upload" in files_in(tmp_path)
    assert [s["origin"] for s in client.get("/api/history").json()["sessions"]] == ["clip.mp4"]


def test_several_wait_in_a_queue_and_any_can_be_cancelled(serve, sitter, video, tmp_path):
    sitter.go.clear()
    client = serve(detector=sitter)
    keys = [upload(client, video, f"{i}.mp4").json()["id"] for i in range(3)]
    wait_for(client, keys[0], "running")
    assert [a["state"] for a in client.get("/api/analyses").json()] == ["running", "queued", "queued"]
    assert client.delete(f"/api/analyses/{keys[1]}").status_code == 204
    assert client.delete(f"/api/analyses/{keys[0]}").status_code == 204
    sitter.go.set()
    assert wait_for(client, keys[2], "done", "failed")["state"] == "done"
    assert [a["id"] for a in client.get("/api/analyses").json()] == [keys[2]]
    assert {name.split("/")[2] for name in files_in(tmp_path) if name.count("/") > 2} == {keys[2]}


def test_the_queue_has_an_end(serve, sitter, video):
    sitter.go.clear()
    client = serve(Limits(queue=2), detector=sitter)
    assert [upload(client, video).status_code for _ in range(3)] == [201, 201, 429]
    sitter.go.set()


def test_a_live_session_goes_first(tmp_path, sitter, video):
    somebody = threading.Event()
    somebody.set()
    settings = make_settings(tmp_path)
    queue = Queue(settings, lambda _model: sitter, somebody.is_set)
    item = queue.add("clip", settings.specs["seated"], "auto", keep=False, remember=False)
    item.upload.write_bytes(video)
    queue.submit(item)
    until_s = time.monotonic() + 10
    while item.state != "waiting":
        assert time.monotonic() < until_s
        time.sleep(0.02)
    somebody.clear()
    while item.state != "done":
        assert time.monotonic() < until_s, item.words
        time.sleep(0.02)
    queue.close()


def test_results_outlive_the_server_and_leftovers_do_not(tmp_path, sitter, video):
    settings = make_settings(tmp_path)
    queue = Queue(settings, lambda _model: sitter)
    item = queue.add("clip", settings.specs["seated"], "auto", keep=False, remember=False)
    item.upload.write_bytes(video)
    queue.submit(item)
    leftover = tmp_path / "web" / "analyses" / "0123456789abcdef"
    leftover.mkdir()
    (leftover / "upload").write_bytes(b"half a video")
    until_s = time.monotonic() + 10
    while item.state != "done":
        assert time.monotonic() < until_s, item.words
        time.sleep(0.02)
    beside = Queue(settings, lambda _model: sitter)
    assert leftover.exists()  # another server is at work here
    beside.close()
    queue.close()
    again = Queue(settings, lambda _model: sitter)
    assert [(one.id, one.state) for one in again.items] == [(item.id, "done")]
    assert not leftover.exists()
    again.close()


def test_delete_everything_takes_the_results_along(serve, sitter, video, tmp_path):
    client = serve(detector=sitter)
    key = upload(client, video, remember="true").json()["id"]
    wait_for(client, key, "done")
    for wrong in ({}, {"confirm": "yes"}, None):
        assert client.request("DELETE", "/api/history", json=wrong).status_code == 422
    answer = client.request("DELETE", "/api/history", json={"confirm": "delete everything"})
    assert answer.json() == {"sessions": 1}
    assert client.get("/api/analyses").json() == []
    assert client.get("/api/history").json() == {"sessions": [], "series": []}
    assert not [name for name in files_in(tmp_path) if name.startswith("web/") and "in-use" not in name]


# -- what is not taken


def broken(kind, folder):
    if kind == "sound":
        return write_audio_only(folder / "a.mp4").read_bytes()
    if kind == "picture":
        return write_still(folder / "a.png").read_bytes()
    return {
        "empty": b"",
        "text": b"hello " * 1000,
        "html": b"<script>alert(1)</script>" * 100,
        "playlist": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "zip": b"PK\x03\x04" + b"\0" * 5000,
        "header-only": b"\0\0\0\x18ftypisom" + b"\0" * 5000,
        "noise": np.random.default_rng(0).bytes(20_000),
    }[kind]


@pytest.mark.parametrize(
    "kind", ["empty", "text", "html", "playlist", "concat", "zip", "header-only", "noise", "sound", "picture"]
)
def test_what_is_not_a_video_is_refused_in_a_sentence(serve, sitter, tmp_path, kind):
    client = serve(detector=sitter)
    answer = upload(client, broken(kind, tmp_path), "holiday.mp4")
    if answer.status_code == 201:
        failed = wait_for(client, answer.json()["id"], "failed", "done")
        assert failed["state"] == "failed"
        words = failed["words"]
    else:
        assert answer.status_code in (400, 415)
        words = answer.json()["detail"]
        assert client.get("/api/analyses").json() == []
    assert words.endswith(".")
    assert str(tmp_path) not in words
    assert not [name for name in files_in(tmp_path) if name.endswith("upload")]


def test_what_is_too_large_is_refused_announced_or_not(serve, sitter, video, tmp_path):
    client = serve(Limits(upload_bytes=len(video) - 1), detector=sitter)
    assert upload(client, video).status_code == 413
    assert upload(client, (video[i : i + 1000] for i in range(0, len(video), 1000))).status_code == 413
    assert upload(client, video[:-1]).status_code == 201
    assert len([name for name in files_in(tmp_path) if name.endswith("upload")]) <= 1


def test_the_disk_is_not_filled_up(serve, sitter, video):
    client = serve(Limits(free_bytes=10**18), detector=sitter)
    assert upload(client, video).status_code == 507


def test_what_is_too_long_is_refused(serve, sitter, video):
    client = serve(Limits(duration_s=SECONDS / 2), detector=sitter)
    failed = wait_for(client, upload(client, video).json()["id"], "failed", "done")
    assert "longer than" in failed["words"]


def test_an_unknown_exercise_is_refused(client, video):
    for exercise in ("other", "../seated", "x" * 1000, ""):
        assert upload(client, video, exercise=exercise).status_code == 422


# -- names and paths

NASTY = [
    "../../../etc/passwd",
    "..\\..\\windows\\system32\\cmd.exe",
    "/etc/passwd",
    "C:\\video.mp4",
    "a\0b.mp4",
    "\n\r\t",
    "...",
    "x" * 5000,
    "<img src=x onerror=alert(1)>.mp4",
    "\u202egpj.4pm",
    "",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_is_only_ever_shown(serve, sitter, video, tmp_path, name):
    client = serve(detector=sitter)
    before = set(Path("/").glob("*"))
    done = wait_for(client, upload(client, video, name).json()["id"], "done", "failed")
    assert done["state"] == "done"
    assert not set(done["name"]) & set("/\\\0\n")
    assert 0 < len(done["name"]) <= 120
    assert {path.split("/")[0] for path in files_in(tmp_path)} <= {"web", "home", "history.sqlite3"}
    assert set(Path("/").glob("*")) == before
    report = client.get(f"/api/analyses/{done['id']}/report.html").text
    assert "<img src=x" not in report


@pytest.mark.parametrize(
    "path",
    [
        "/api/analyses/{id}/../../../../etc/passwd",
        "/api/analyses/{id}/%2e%2e%2f%2e%2e%2fhistory.sqlite3",
        "/api/analyses/{id}/upload",
        "/api/analyses/{id}/card.json",
        "/api/analyses/..%2f{id}/report.html",
        "/api/analyses/%2e%2e/report.html",
        "/api/analyses/{id}/report.html%00.png",
        "/api/measurements/../analyses/measure.html",
        "/api/measurements/%2e%2e/measure.html",
        "/api/measurements/{id}/measure.html",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/coach/../../etc/passwd",
    ],
)
def test_no_path_leads_outside(serve, sitter, video, path):
    client = serve(detector=sitter)
    key = upload(client, video, keep="true").json()["id"]
    wait_for(client, key, "done")
    answer = client.get(path.format(id=key))
    assert answer.status_code in (400, 404, 405)


def test_names_keep_what_is_readable():
    assert clean_name(quote("Übung 1.mov")) == "Übung 1.mov"
    assert clean_name(None) == "video"
    assert clean_name("%ff%fe.mp4").endswith(".mp4")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".gif", ".mov", ".ts"])
def test_the_containers_of_cameras_and_phones_are_known(tmp_path, suffix):
    path = write_video(tmp_path / f"clip{suffix}", make_frames(12), steady_times(12, 10.0))
    assert is_video(path.read_bytes()[:400])
