import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from math import nan
from pathlib import Path

import numpy as np
import pytest

from coach.errors import InputError
from coach.exercise.events import Rep
from coach.exercise.session import RotationRange, SessionSummary, SideSummary
from coach.exercise.spec import ExerciseSpec
from coach.output.evidence import EvidenceCollector
from coach.output.markup import Html, table, tag, text
from coach.output.plot import Point, Series, read_series
from coach.output.report import render_report, write_report
from coach.output.tables import FRAME_COLUMNS, FramesCsv
from coach.output.wording import clock, degrees_text, describe_reach, describe_withheld
from coach.pipeline import Tick

_VOID = {"img", "meta", "br"}


class Page(HTMLParser):
    """Checks that tags are balanced, and gathers what the tests ask about."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data + " "


@pytest.fixture
def page(
    tmp_path: Path, session_ticks: list[Tick], summary: SessionSummary, spec: ExerciseSpec
) -> tuple[str, Page]:
    image = np.full((240, 320, 3), 90, np.uint8)
    with FramesCsv(tmp_path / "frames.csv") as frames, EvidenceCollector(spec) as evidence:
        for tick in session_ticks:
            frames.write(tick)
            evidence.write(tick, image)
    write_report(summary, tmp_path / "frames.csv", evidence.items, spec, tmp_path / "report.html")
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    return source, Page(source)


def test_the_page_tells_what_was_done(page: tuple[str, Page]) -> None:
    words = page[1].words
    for expected in ("Left leg", "41° ± 4°", "not counted", "trunk lean", "Sit tall.", "Buttock lift"):
        assert expected.lower() in words.lower()
    assert "it does not diagnose" in words
    assert "40–45°" in words


def test_nothing_is_fetched_and_nothing_runs(page: tuple[str, Page]) -> None:
    source, parsed = page
    assert not [name for name, _ in parsed.tags if name in {"script", "link", "iframe", "object"}]
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", source)
    assert "url(" not in source
    assert "@import" not in source


def test_pictures_and_plots_have_words_and_tables_have_headings(page: tuple[str, Page]) -> None:
    for name, attributes in page[1].tags:
        if name == "img":
            assert attributes["alt"]
        if name == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
        if name == "th":
            assert attributes["scope"] in {"col", "row"}
    assert [name for name, _ in page[1].tags].count("h1") == 1


def test_names_cannot_inject_markup(summary: SessionSummary, spec: ExerciseSpec) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>.mp4'
    fault = replace(summary.faults[0], id=evil, cue=evil)
    odd = replace(
        summary,
        source=replace(summary.source, name=evil),
        model=evil,
        view=replace(summary.view, measured=evil, ok=False, advice=evil),
        faults=(fault,),
        sides={"left": replace(summary.sides["left"], rotation=evil)},
    )
    source = render_report(odd, {}, [], spec)
    Page(source)
    assert "<script" not in source.lower()
    assert "<img" not in source.lower()


def test_an_interrupted_run_says_so(summary: SessionSummary, spec: ExerciseSpec) -> None:
    assert "interrupted" in render_report(replace(summary, complete=False), {}, [], spec)
    assert "interrupted" not in render_report(summary, {}, [], spec)


def test_an_empty_session_is_still_a_page(summary: SessionSummary, spec: ExerciseSpec) -> None:
    nothing = SideSummary((), (), "start_pose_not_seen")
    empty = replace(summary, sides={"left": nothing, "right": nothing}, faults=(), not_assessed=())
    words = Page(render_report(empty, {}, [], spec)).words
    assert "Left leg" in words
    assert "Right leg" in words
    assert "Start pose not seen." in words


def test_withheld_peaks_are_dashes_not_nan(summary: SessionSummary, spec: ExerciseSpec) -> None:
    left = summary.sides["left"]
    withheld = replace(left, reps=(replace(left.reps[0], peak_deg=nan, peak_sd_deg=nan),))
    source = render_report(replace(summary, sides={"left": withheld}), {}, [], spec)
    assert not re.search(r"\bnan\b", source.lower())


def write_frames(path: Path, values: list[str], step_s: float = 0.05) -> None:
    at = FRAME_COLUMNS.index("left_hip_internal_rotation_deg")
    with path.open("w") as file:
        file.write(",".join(FRAME_COLUMNS) + "\n")
        for i, value in enumerate(values):
            row = [""] * len(FRAME_COLUMNS)
            row[0], row[at], row[at + 1] = f"{i * step_s:.4f}", value, "4.0" if value else ""
            file.write(",".join(row) + "\n")


def test_a_long_table_is_thinned_but_keeps_its_extremes(tmp_path: Path) -> None:
    values = [f"{10 * np.sin(i / 900):.2f}" for i in range(50_000)]
    values[31_234], values[12_345] = "47.00", "-33.00"
    write_frames(tmp_path / "frames.csv", values)
    points = list(read_series(tmp_path / "frames.csv")["left"].points)
    assert len(points) <= 1500
    assert max(point.value_deg for point in points) == 47.0
    assert min(point.value_deg for point in points) == -33.0
    times = [point.time_s for point in points]
    assert times == sorted(times)


def test_reading_does_not_grow_with_the_table(tmp_path: Path) -> None:
    write_frames(tmp_path / "frames.csv", ["12.00", "14.00"] * 15_000)
    tracemalloc.start()
    read_series(tmp_path / "frames.csv")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


def test_gaps_break_the_line(tmp_path: Path) -> None:
    write_frames(tmp_path / "frames.csv", ["1.0"] * 10 + [""] * 10 + ["2.0"] * 10)
    series = read_series(tmp_path / "frames.csv")
    assert [len(run) for run in series["left"].runs] == [10, 10]
    assert series["right"].runs == []


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_with_hardly_a_row(rows: int, tmp_path: Path) -> None:
    write_frames(tmp_path / "frames.csv", ["1.0"] * rows)
    assert len(list(read_series(tmp_path / "frames.csv")["left"].points)) == rows


def test_something_else_than_a_table_of_frames_is_refused(tmp_path: Path) -> None:
    (tmp_path / "frames.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="table of frames"):
        read_series(tmp_path / "frames.csv")


def test_markup_escapes_text_and_attributes() -> None:
    assert tag("p", "<b>&", title='"x"') == '<p title="&quot;x&quot;">&lt;b&gt;&amp;</p>'
    assert text(["a<", Html("<br>"), None]) == "a&lt;<br>"
    assert tag("img", src="x", hidden=True, alt=None) == '<img src="x" hidden>'
    assert "&lt;i&gt;" in table("c", ["<i>"], [["1"]])


@pytest.mark.parametrize(
    ("rotation", "value", "name", "remark"),
    [
        (RotationRange(-2, 37.4, 6, "image-plane", "below"), "37° ± 6°", "internal", "Below"),
        (
            RotationRange(-30, 42, 2, "image-plane", "within"),
            "42° ± 2°",
            "internal",
            "External rotation up to",
        ),
        (RotationRange(-23, 1, 8, "image-plane", "below"), "23° ± 8°", "external", None),
        (RotationRange(-2, 33, 6, "image-plane", "cannot-tell"), "33° ± 6°", "internal", "too wide"),
        (RotationRange(-2, 8, 5, "image-plane", "cannot-tell"), "8° ± 5°", "internal", "No rep turned"),
        (
            RotationRange(-35, 30, 4, "image-plane", "below"),
            "35° ± 4°",
            "external",
            "Internal rotation up to",
        ),
    ],
)
def test_the_way_that_the_hip_went_comes_first(
    rotation: RotationRange, value: str, name: str, remark: str | None
) -> None:
    found = describe_reach(rotation)
    assert found[0] == value
    assert name in found[1]
    if remark is None:
        assert found[2] is None
    else:
        assert found[2] is not None
        assert remark in found[2]


def test_words_for_numbers() -> None:
    assert degrees_text(-3.2, 4.0) == "−3° ± 4°"
    assert degrees_text(-0.2, nan) == "0°"
    assert degrees_text(nan, 4.0) == "–"
    assert clock(59.96) == "1:00.0"
    assert clock(3723.04) == "1:02:03.0"
    assert describe_withheld("knee_extended").startswith("Knee extended. ")
    assert describe_withheld("The leg was hidden.") == "The leg was hidden."


def test_the_band_is_shown_only_where_the_hip_turns_inwards(
    summary: SessionSummary, spec: ExerciseSpec
) -> None:
    curve = {"left": Series(0.0, 2.0, [[Point(t / 10, -20.0, 4.0) for t in range(20)]])}
    outwards = replace(spec, phases=tuple(replace(phase, direction="decrease") for phase in spec.phases))
    shown, hidden = (render_report(summary, curve, [], each) for each in (spec, outwards))
    for mark in ('class="band"', "reference band", "40–45°"):
        assert mark in shown
    for mark in ('class="band"', "reference</span>", 'class="k-band"', "pass mark"):
        assert mark not in hidden


def test_what_to_do_better_comes_before_the_figures(page: tuple[str, Page]) -> None:
    headings = re.findall("<h2>([^<]*)</h2>", page[0])
    assert headings[:3] == ["At a glance", "Form", "Internal rotation over time"]


def test_reps_beyond_the_plot_are_drawn_at_its_edge(
    tmp_path: Path, make_tick: Callable[..., Tick], summary: SessionSummary, spec: ExerciseSpec
) -> None:
    with FramesCsv(tmp_path / "frames.csv") as frames:
        for i in range(20):
            frames.write(make_tick(i / 10, 10.0))
    late = Rep("left", 1.0, 50.0, 60.0, 400.0, 4.0, True)
    left = replace(summary.sides["left"], reps=(late,))
    write_report(
        replace(summary, sides={"left": left}), tmp_path / "frames.csv", [], spec, tmp_path / "report.html"
    )
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(0 <= float(share) <= 100 for share in re.findall(r"(?:left|top):([-\d.]+)%", source))
