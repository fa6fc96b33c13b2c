"""The doctor names what is broken and the very command that repairs it."""

import os
from pathlib import Path
from typing import Any

import pytest

from coach.doctor import devices, files, libraries, report
from coach.doctor.check import Check, ask

PAIR = {"opencv-python": "5.0.0.93", "opencv-contrib-python": "5.0.0.93"}
WORKS: dict[str, Any] = {"version": "5.0.0", "files": True, "window": "QT5"}


@pytest.mark.parametrize(
    ("camera", "display", "voice", "words"),
    [
        (True, True, True, "Live sessions work, with a window and a voice."),
        (True, False, False, "Live sessions work, with lines of text instead of a window and no sound."),
        (False, True, True, "Live sessions want a camera"),
    ],
)
def test_the_report_ends_with_what_a_live_session_is_like(camera, display, voice, words, capsys):
    found = {"camera": camera, "display": display, "voice": voice}
    report.print_report([Check(name, ok, "") for name, ok in found.items()])
    assert words in capsys.readouterr().out


def test_a_sound_pair_is_ok() -> None:
    check = libraries.judge_opencv(PAIR, {}, WORKS)
    assert check.ok
    assert "5.0.0" in check.sentence


def test_opencv_from_elsewhere_is_ok() -> None:
    assert libraries.judge_opencv({}, {}, WORKS).ok


@pytest.mark.parametrize(
    ("installed", "missing", "answer", "says"),
    [
        (PAIR | {"opencv-python": "4.10.0.84"}, {}, WORKS, "installed over each other"),
        (PAIR | {"opencv-python-headless": "4.10.0.84"}, {}, WORKS, "opencv-python-headless"),
        (PAIR, {"opencv-python": 12}, WORKS, "12 files of opencv-python are missing"),
        (PAIR, {}, {"error": "ImportError: no cv2"}, "cannot be imported"),
        (
            PAIR,
            {},
            {"error": "AttributeError: module 'cv2' has no attribute '__version__'"},
            "cannot be imported",
        ),
        (PAIR, {}, WORKS | {"version": "4.9.0"}, "finds 4.9.0"),
        (PAIR, {}, WORKS | {"files": False}, "without FFmpeg"),
    ],
)
def test_a_broken_pair_comes_with_its_repair(
    installed: dict[str, str], missing: dict[str, int], answer: dict[str, Any], says: str
) -> None:
    check = libraries.judge_opencv(installed, missing, answer)
    assert not check.ok
    assert check.needed
    assert says in check.sentence
    assert f"pip uninstall -y {' '.join(installed)}" in check.sentence
    assert "opencv-python==5.0.0.93 opencv-contrib-python==5.0.0.93" in check.sentence


def test_no_opencv_at_all() -> None:
    check = libraries.judge_opencv({}, {}, {"error": "ModuleNotFoundError: No module named 'cv2'"})
    assert check.needed
    assert "pip install opencv-python opencv-contrib-python" in check.sentence


def test_a_missing_system_library_is_not_blamed_on_pip() -> None:
    check = libraries.judge_opencv(PAIR, {}, {"error": "ImportError: libGL.so.1: cannot open"})
    assert "libgl1" in check.sentence
    assert "pip" not in check.sentence


def test_files_gone_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "thing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n", encoding="utf-8")
    (info / "RECORD").write_text("thing.py,,\nthere.py,,\n__pycache__/thing.pyc,,\n", encoding="utf-8")
    (tmp_path / "there.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert libraries.installed_version("thing") == "1.0"
    assert libraries.count_missing_files("thing") == 1
    assert libraries.installed_version("no-such-thing") is None


def test_a_process_that_answers() -> None:
    assert ask("print('chatter'); print('{\"version\": \"1\"}')") == {"version": "1"}


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import no_such_module", "no_such_module"),
        ("raise SystemExit(3)", "ended with code 3"),
        ("print('no json')", "ended with code 0"),
        ("import time; time.sleep(60)", "no answer within 1 s"),
    ],
)
def test_a_process_that_does_not(code: str, says: str) -> None:
    assert says in str(ask(code, limit_s=1.0 if "sleep" in code else 60.0)["error"])


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_library_that_crashes_is_survived() -> None:
    assert "crashed with signal" in str(ask("import os; os.kill(os.getpid(), 11)")["error"])


def test_mediapipe() -> None:
    assert libraries.judge_mediapipe({"version": "1.2.2", "tasks": True}).ok
    old = libraries.judge_mediapipe({"version": "0.10.21", "tasks": True})
    assert not old.ok
    assert "got 0.10.21" in old.sentence
    assert libraries.judge_mediapipe({"error": "ImportError: x"}).needed


def test_codecs() -> None:
    assert all(check.ok for check in libraries.judge_av({"version": "18", "encoders": ["libx264"]}))
    without = libraries.judge_av({"version": "18", "encoders": []})
    assert [check.ok for check in without] == [True, False]
    assert not without[1].needed
    assert libraries.judge_av({"error": "ImportError: x"})[0].needed


def test_display() -> None:
    assert not devices.check_display(WORKS, {}, "linux").ok
    assert devices.check_display(WORKS, {"DISPLAY": ":0"}, "linux").ok
    assert devices.check_display(WORKS, {}, "darwin").ok
    assert not devices.check_display(WORKS | {"window": ""}, {"DISPLAY": ":0"}, "linux").ok


def test_voice() -> None:
    def nothing(_: str) -> None:
        return None

    def heard(_: str) -> bool:
        return True

    assert devices.check_voice("linux", lambda name: f"/bin/{name}", is_heard=heard).ok
    assert "espeak-ng" in devices.check_voice("linux", nothing, lambda _: True).sentence
    assert devices.check_voice("darwin", nothing, lambda _: True).ok


def test_a_voice_without_a_sound_card_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "espeak-ng"
    fake.write_text("#!/bin/sh\necho 'error: No such file or directory' >&2\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    check = devices.check_voice("linux", lambda name: "found" if name == "espeak-ng" else None)
    assert not check.ok
    assert not check.needed
    assert "sound card" in check.sentence


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"error": "no answer within 15 s"}, "no answer"),
        ({"opened": False, "size": None}, "No camera"),
        ({"opened": True, "size": None}, "gives no picture"),
    ],
)
def test_a_camera_that_fails_does_not_stop_the_main_job(answer: dict[str, Any], says: str) -> None:
    check = devices.judge_camera(answer)
    assert not check.ok
    assert not check.needed
    assert says in check.sentence


def test_a_camera_that_works() -> None:
    assert "640×480" in devices.judge_camera({"opened": True, "size": [640, 480]}).sentence


def test_model_given_by_a_variable_that_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COACH_MODEL", str(tmp_path / "none.task"))
    check = files.check_model()
    assert check.needed
    assert not check.ok


def test_data_folder(tmp_path: Path) -> None:
    wanted = tmp_path / "a" / "b"
    assert files.check_data_folder(wanted).ok
    assert not wanted.exists()
    (tmp_path / "file").touch()
    assert not files.check_data_folder(tmp_path / "file" / "b").ok


def test_report_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    fine = Check("python", True, "Python 3.11.")
    no_camera = Check("camera", False, "None.")
    assert report.print_report([fine, no_camera]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ok    python  Python 3.11."
    assert lines[1] == "note  camera  None."
    assert lines[-1] == "Videos can be analysed here."
    assert report.print_report([fine, Check("opencv", False, "Broken.", needed=True)]) == 1
    assert "FAIL  opencv" in capsys.readouterr().out
    assert report.print_report([Check("model", False, "Gone.", needed=True)]) == 5


def test_every_check_reports_on_this_machine() -> None:
    checks = report.run_checks()
    names = [check.name for check in checks]
    assert names == [
        "python", "opencv", "display", "mediapipe", "pyav", "codecs", "model", "camera", "voice", "history",
    ]  # fmt: skip
    assert all(check.sentence for check in checks)
    assert all(check.ok for check in checks if check.needed)
