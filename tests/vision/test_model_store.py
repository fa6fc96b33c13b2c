import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import serving
from tiny_model import tiny_bundle, tiny_networks

from coach.errors import ModelError
from coach.vision import model_store, wheel
from coach.vision.bundle import Networks, prune_bundle, read_bundle
from coach.vision.download import UnreachableError
from coach.vision.model_store import describe_models, find_model, official_url

BUNDLE = tiny_bundle()
OTHER = tiny_bundle(bytes(range(64, 128)))
FILES = {name: f"pose_landmarker_{name}.task" for name in ("lite", "full", "heavy")}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach out: the address leads nowhere and pip gets nothing, unless a test says otherwise."""

    def no_pip() -> Networks:
        raise UnreachableError("pip cannot get it")

    monkeypatch.delenv("COACH_MODEL", raising=False)
    monkeypatch.setenv("COACH_MODEL_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(wheel, "fetch_networks", no_pip)


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the tiny bundle were the official one, for full and lite."""
    monkeypatch.setitem(model_store.PINNED_SHA256, "full", sha256(BUNDLE))
    monkeypatch.setitem(model_store.PINNED_SHA256, "lite", sha256(BUNDLE))


def cached(folder: Path, name: str = "full") -> Path:
    return folder / FILES[name]


# --- a model given by path


def test_a_path_is_taken_as_it_is_and_pruned_in_memory_only(tmp_path: Path) -> None:
    path = tmp_path / "mine.task"
    path.write_bytes(BUNDLE)
    model = find_model(path)
    assert (model.name, model.path, model.sha256, model.pruned) == ("mine", path, sha256(BUNDLE), True)
    assert model.data == prune_bundle(BUNDLE, "it")[0] != BUNDLE
    assert path.read_bytes() == BUNDLE


def test_an_option_keeps_the_model_whole(tmp_path: Path) -> None:
    (tmp_path / "mine.task").write_bytes(BUNDLE)
    model = find_model(str(tmp_path / "mine.task"), prune=False)
    assert (model.data, model.pruned) == (BUNDLE, False)


def test_the_environment_names_a_model_and_an_argument_overrules_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.task").write_bytes(BUNDLE)
    (tmp_path / "b.task").write_bytes(OTHER)
    monkeypatch.setenv("COACH_MODEL", str(tmp_path / "a.task"))
    assert find_model().sha256 == sha256(BUNDLE)
    assert find_model(tmp_path / "b.task").sha256 == sha256(OTHER)


@pytest.mark.parametrize("choice", ["ful", "/nowhere/x.task", "."])
def test_a_path_that_is_no_file_is_refused_naming_what_would_do(choice: str) -> None:
    with pytest.raises(ModelError, match=r"Expected a model \(lite, full, heavy, or the path") as caught:
        find_model(choice)
    assert repr(choice) in str(caught.value)
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    "content",
    [b"", b"not a model", BUNDLE[:-1], BUNDLE[: len(BUNDLE) // 2], BUNDLE[100:]],
    ids=["empty", "text", "one byte short", "half", "no beginning"],
)
def test_a_damaged_file_is_refused_naming_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.task"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"mine\.task is damaged or not a model"):
        find_model(path)


# --- the official bundle


@pytest.mark.usefixtures("pinned")
def test_the_first_use_fetches_and_the_second_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(BUNDLE) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url + "/")
        first = find_model(folder=tmp_path / "new", prune=False)
        assert server.asked == [("/pose_landmarker_full/float16/1/pose_landmarker_full.task", None)]
    second = find_model("full", folder=tmp_path / "new", prune=False)
    assert first == second
    assert (first.name, first.origin, first.data) == ("full", "official bundle", BUNDLE)
    assert first.path == cached(tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        FILES["full"],
        "pose_landmarker_full.json",
        "pose_landmarker_full.lock",
    }


def test_the_official_address_is_the_published_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COACH_MODEL_URL")
    assert official_url("lite") == (
        "https://storage.googleapis.com/mediapipe-models/pose_landmarker/"
        "pose_landmarker_lite/float16/1/pose_landmarker_lite.task"
    )


@pytest.mark.usefixtures("pinned")
@pytest.mark.parametrize("served", [OTHER, b"<html>Log in</html>"], ids=["another model", "login page"])
def test_a_download_with_the_wrong_checksum_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: bytes
) -> None:
    with serving(served) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        with pytest.raises(ModelError) as caught:
            find_model(folder=tmp_path)
    assert f"expected SHA-256 {sha256(BUNDLE)}, got {sha256(served)}" in str(caught.value)
    assert caught.value.exit_code == 5
    assert {path.suffix for path in tmp_path.iterdir()} <= {".lock"}


@pytest.mark.usefixtures("pinned")
def test_a_broken_off_download_goes_on_at_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(BUNDLE, drop_after=1000) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        server.ranges = False
        with pytest.raises(ModelError, match="kept dropping the connection"):
            find_model(folder=tmp_path)
        assert not cached(tmp_path).exists()
        server.ranges, server.drop_after = True, None
        server.asked.clear()
        assert find_model(folder=tmp_path, prune=False).data == BUNDLE
        assert [wanted for _, wanted in server.asked] == ["bytes=1000-"]


@pytest.mark.usefixtures("pinned")
def test_a_beginning_that_does_not_belong_to_the_file_is_fetched_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached(tmp_path).with_suffix(".task.part").write_bytes(b"x" * 500)
    with serving(BUNDLE) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        assert find_model(folder=tmp_path, prune=False).data == BUNDLE
        assert [wanted for _, wanted in server.asked] == ["bytes=500-", None]


def test_heavy_without_a_known_checksum_is_taken_when_it_is_a_whole_model_and_held_to_it_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(b"PK not really") as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        with pytest.raises(ModelError, match="fails its check: it is damaged"):
            find_model("heavy", folder=tmp_path)
        server.body = BUNDLE
        assert find_model("heavy", folder=tmp_path).sha256 == sha256(BUNDLE)
        server.body = OTHER
        cached(tmp_path, "heavy").write_bytes(OTHER)  # a whole model, but not the one that was noted
        assert describe_models(tmp_path)[2].state == "damaged"


# --- the cache


@pytest.mark.usefixtures("pinned")
@pytest.mark.parametrize("damage", [b"", BUNDLE[:-10], OTHER], ids=["emptied", "cut", "swapped"])
def test_a_damaged_cache_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], damage: bytes
) -> None:
    with serving(BUNDLE) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        find_model(folder=tmp_path)
        cached(tmp_path).write_bytes(damage)
        capsys.readouterr()
        assert find_model(folder=tmp_path, prune=False).data == BUNDLE
    out, err = capsys.readouterr()
    assert "fails its checksum; fetching it again" in err
    assert out == ""


@pytest.mark.usefixtures("pinned")
def test_a_damaged_cache_that_cannot_be_fetched_again_is_not_used(tmp_path: Path) -> None:
    cached(tmp_path).write_bytes(BUNDLE[:-1])
    with pytest.raises(ModelError, match="could not be fetched"):
        find_model(folder=tmp_path)


def test_a_model_put_into_the_cache_by_hand_is_used(tmp_path: Path) -> None:
    cached(tmp_path, "lite").write_bytes(BUNDLE)
    model = find_model("lite", folder=tmp_path)
    assert (model.name, model.origin) == ("lite", "placed in the cache by hand")


def test_a_note_that_cannot_be_read_does_not_stop_anything(tmp_path: Path) -> None:
    cached(tmp_path).write_bytes(BUNDLE)
    for note in (b"\xff", b"[]", b"{}", b'{"sha256": 1}'):
        cached(tmp_path).with_suffix(".json").write_bytes(note)
        assert find_model(folder=tmp_path, prune=False).data == BUNDLE


@pytest.mark.skipif(sys.platform == "win32" or os.name != "posix", reason="POSIX permissions")
def test_a_cache_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match=r"cannot be kept in .*file"):
        find_model(folder=tmp_path / "file" / "models")


@pytest.mark.usefixtures("pinned")
def test_the_cached_file_can_be_read_by_others_and_no_temporary_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(BUNDLE) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        find_model(folder=tmp_path)
    assert stat.S_IMODE(cached(tmp_path).stat().st_mode) & 0o444 == 0o444
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.usefixtures("pinned")
def test_a_crash_before_the_move_leaves_the_cache_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with serving(BUNDLE) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", crash)
            with pytest.raises(KeyboardInterrupt):
                find_model(folder=tmp_path)
        assert not cached(tmp_path).exists()
        assert {path.suffix for path in tmp_path.iterdir()} == {".lock", ".part"}
        assert find_model(folder=tmp_path, prune=False).data == BUNDLE


def test_the_cache_is_described_without_fetching(tmp_path: Path) -> None:
    cached(tmp_path, "lite").write_bytes(b"broken")
    cached(tmp_path, "heavy").write_bytes(BUNDLE)
    lite, full, heavy = describe_models(tmp_path)
    assert (lite.state, lite.size_bytes) == ("damaged", 6)
    assert (full.state, full.path) == ("absent", cached(tmp_path))
    assert (heavy.state, heavy.size_bytes, heavy.sha256) == ("ready", len(BUNDLE), sha256(BUNDLE))


# --- the wheel, and no source at all


def test_full_comes_from_the_wheel_when_its_address_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wheel, "fetch_networks", tiny_networks)
    model = find_model(folder=tmp_path, prune=False)
    assert (model.origin, model.data) == ("MediaPipe's 0.10.21 wheel", BUNDLE)
    note = json.loads(cached(tmp_path).with_suffix(".json").read_text())
    assert note == {"sha256": sha256(BUNDLE), "origin": model.origin}
    out, err = capsys.readouterr()
    assert out == ""
    assert "127.0.0.1 cannot be reached" in err

    monkeypatch.setattr(wheel, "fetch_networks", None)
    assert find_model(folder=tmp_path, prune=False) == model


def test_the_other_models_say_that_the_wheel_has_only_full(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="carries only 'full'"):
        find_model("lite", folder=tmp_path)


def test_offline_the_error_says_what_to_fetch_and_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        find_model(folder=tmp_path)
    message = str(caught.value)
    assert "127.0.0.1 cannot be reached" in message
    assert "pip cannot get it" in message
    assert official_url("full") in message
    assert str(cached(tmp_path)) in message
    assert caught.value.exit_code == 5


def test_without_progress_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wheel, "fetch_networks", tiny_networks)
    find_model(folder=tmp_path, progress=False)
    assert capsys.readouterr() == ("", "")


# --- several processes

FIND = """
import sys
from pathlib import Path
from coach.vision.model_store import find_model
model = find_model("heavy", folder=Path(sys.argv[1]), prune=False)
print(model.sha256, len(model.data))
"""


def test_processes_that_fetch_at_once_share_one_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(BUNDLE, gate=threading.Event()) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        command = [sys.executable, "-c", FIND, str(tmp_path)]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        assert server.gate
        _wait_until(lambda: bool(server.asked))
        server.gate.wait(0.5)  # time for the others to come to the lock too
        server.gate.set()
        results = {process.communicate(timeout=30)[0] for process in running}
        assert results == {f"{sha256(BUNDLE)} {len(BUNDLE)}\n"}
        assert len(server.asked) == 1
    assert read_bundle(cached(tmp_path, "heavy").read_bytes(), "it")


def test_a_fetch_that_was_killed_does_not_block_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(BUNDLE, gate=threading.Event()) as server:
        monkeypatch.setenv("COACH_MODEL_URL", server.url)
        process = subprocess.Popen([sys.executable, "-c", FIND, str(tmp_path)])
        _wait_until(lambda: bool(server.asked))
        process.kill()
        process.wait(10)
        assert server.gate
        server.gate.set()
        assert find_model("heavy", folder=tmp_path, prune=False).data == BUNDLE


def test_importing_the_store_loads_nothing_heavy() -> None:
    code = "import sys, coach.vision.model_store; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {
        "mediapipe",
        "numpy",
        "cv2",
        "rich",
        "flatbuffers",
        "platformdirs",
        "urllib.request",
        "subprocess",
    }
    assert not heavy & set(loaded.split())


def _wait_until(happened: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
