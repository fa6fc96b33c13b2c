from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

from rich.console import Console

from coach.exercise.session import RotationRange, SessionSummary, SideSummary
from coach.exercise.spec import ExerciseSpec
from coach.output.terminal import print_summary


def printed(summary: SessionSummary, out_dir: Path | None = None, width: int = 100) -> str:
    stream = StringIO()
    print_summary(summary, out_dir, Console(file=stream, width=width))
    return stream.getvalue()


def test_counts_measures_faults_and_gaps_are_named(summary: SessionSummary) -> None:
    words = printed(summary)
    assert "2 reps, 1 not counted (not all the way out and back), 1 of 1 hold to target" in " ".join(
        words.split()
    )
    assert "41° ± 4°" in words
    assert "read in the image plane" in words
    assert "trunk lean at 0:03.2. Sit tall." in words
    assert "Not assessed  Buttock lift." in words
    assert "does not diagnose" in words


def test_plain_where_it_is_not_a_terminal(summary: SessionSummary) -> None:
    assert "\x1b" not in printed(summary)


def test_names_are_printed_literally(summary: SessionSummary) -> None:
    odd = replace(summary, source=replace(summary.source, name="[red]x[/red].mp4"))
    assert "[red]x[/red].mp4" in printed(odd)


def test_the_report_is_named_where_there_is_one(summary: SessionSummary, tmp_path: Path) -> None:
    assert str(tmp_path) in printed(summary, tmp_path, 40)
    (tmp_path / "report.html").write_text("")
    assert str(tmp_path / "report.html") in printed(summary, tmp_path, 40)


def test_why_there_is_no_number_and_what_to_do(summary: SessionSummary) -> None:
    left = replace(summary.sides["left"], rotation="knee_extended")
    view = replace(summary.view, ok=False, advice="Turn so that your knees point at the camera.")
    words = printed(replace(summary, sides={"left": left}, view=view, complete=False), width=200)
    assert "rotation not measured: Knee extended. Bend the knee" in words
    assert "Turn so that your knees" in words
    assert "Interrupted" in words


def test_long_words_wrap_under_themselves(summary: SessionSummary) -> None:
    lines = printed(summary, width=50).splitlines()
    assert all(len(line) <= 65 for line in lines)
    assert any(line.startswith(" " * 14) for line in lines)


def test_an_old_terminal_gets_ascii(summary: SessionSummary, spec: ExerciseSpec) -> None:
    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding="ascii")
    odd = replace(summary, source=replace(summary.source, name="Übung.mp4"))
    print_summary(odd, None, Console(file=stream, width=100), spec)
    stream.flush()
    assert b"41 deg +/- 4 deg" in raw.getvalue()


def test_an_exercise_that_was_not_recognised_is_said_first(summary: SessionSummary) -> None:
    words = printed(replace(summary, unrecognised="this does not look like it: sit upright"))
    assert words.splitlines()[1] == "Not counted   This does not look like it: sit upright."


def test_where_nobody_moved_it_says_why_nothing_was_counted(summary: SessionSummary) -> None:
    rest = RotationRange(-1.0, 4.0, 4.0, "image-plane", "cannot-tell")
    words = printed(replace(summary, sides={"left": SideSummary((), (), rest)}, faults=()), width=200)
    assert "Not counted   No leg went far enough out of the start pose and came back." in words
    assert "No rep turned the hip inwards" in words
    assert "error bar" not in words
    assert "Not counted" not in printed(summary)
