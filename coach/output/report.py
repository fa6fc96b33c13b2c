"""`report.html`: one self-contained page on a session, for the person and for whoever sent the exercise."""

from base64 import b64encode
from collections.abc import Sequence
from math import nan
from pathlib import Path

from coach import __version__
from coach.body.landmarks import SIDES, Side
from coach.exercise.events import Fault, Hold, Rep
from coach.exercise.measures import MEASURES
from coach.exercise.session import RotationRange, SessionSummary, SideSummary
from coach.exercise.spec import ExerciseSpec
from coach.output.atomic import write_text
from coach.output.dial import draw_dial
from coach.output.evidence import Evidence
from coach.output.html_page import page_header, render_page, section, source_facts
from coach.output.markup import Content, Html, table, tag, text
from coach.output.placement import draw_placement
from coach.output.plot import Series, draw_plot, read_series
from coach.output.wording import (
    BAND,
    MODES,
    capital,
    clock,
    degrees_text,
    describe_nothing,
    describe_peak,
    describe_reach,
    describe_tracking,
    describe_withheld,
    fault_name,
    plain_name,
    sentence,
    shown_sides,
)


def write_report(
    summary: SessionSummary,
    frames_csv: Path | None,
    evidence: Sequence[Evidence],
    spec: ExerciseSpec,
    path: Path,
) -> None:
    """Write the page; without `frames_csv` the plots are left out.  It appears whole or not at all."""
    series = read_series(frames_csv) if frames_csv is not None else {}
    write_text(path, render_report(summary, series, evidence, spec))


def render_report(
    summary: SessionSummary,
    series: dict[Side, Series],
    evidence: Sequence[Evidence],
    spec: ExerciseSpec,
) -> str:
    """The page as text."""
    sections = [
        _glance(summary, spec),
        _faults(summary.faults),
        _over_time(summary, series, spec),
        _reps(summary),
        _holds(summary),
        _stills(summary, evidence),
        _not_assessed(summary),
        _setting(summary, spec),
        _exercise(spec),
    ]
    band = (
        f"{BAND} of internal rotation is a common reference, not a pass mark: healthy hips are often below "
        "it. "
    )
    about = "± is one standard deviation of the measurement. Left and right are the person's own."
    if spec.turns_inwards:
        about = band + about
    return render_page(f"{spec.name} – {summary.source.name}", _header(summary, spec), sections, about)


def _header(summary: SessionSummary, spec: ExerciseSpec) -> Html:
    notices = []
    if not summary.complete:
        notices.append("The run was interrupted. What follows is valid as far as it goes.")
    nothing = describe_nothing(summary)
    if nothing:
        notices.append(f"Nothing was counted: {nothing}.")
    return page_header("Session report", spec.name, source_facts(summary.source), notices)


def _glance(summary: SessionSummary, spec: ExerciseSpec) -> Html:
    cards = [_card(side, summary.sides[side], band=spec.turns_inwards) for side in shown_sides(summary)]
    return section("At a glance", tag("div", cards, class_="cards"))


def _card(side: Side, done: SideSummary, *, band: bool) -> Html:
    partial = len(done.reps) - done.rep_count
    counts = [_count(done.rep_count, "rep" if done.rep_count == 1 else "reps", partial)]
    if done.holds:
        completed = sum(hold.completed for hold in done.holds)
        held_s = sum(hold.held_s for hold in done.holds)
        text_after = f"{'hold' if completed == 1 else 'holds'} to target, {held_s:.0f} s in all"
        counts.append(_count(completed, text_after, 0))
    title = tag("h3", f"{side.capitalize()} leg", class_="leg")
    content = [title, tag("div", counts, class_="row"), _dial(side, done.rotation, band=band)]
    return tag("section", content, class_=f"card {side}")


def _count(count: int, unit: str, partial: int) -> Html:
    left_out = f" · {partial} not counted" if partial else ""
    return tag("p", [tag("b", str(count)), tag("span", unit + left_out, class_="soft")], class_="count")


def _dial(side: Side, rotation: RotationRange | str, *, band: bool) -> Html:
    if isinstance(rotation, str):
        words = [tag("strong", "Rotation not measured. "), describe_withheld(rotation)]
        return tag("p", words, class_="notice")
    value, name, remark = describe_reach(rotation)
    words = [
        tag("p", value, class_="value"),
        tag("p", name, class_="soft"),
        tag("p", remark) if remark else Html(""),
        tag("p", sentence(MODES[rotation.mode]), class_="soft"),
    ]
    return tag("div", [draw_dial(rotation, side, band=band), tag("div", words)], class_="dial")


def _over_time(summary: SessionSummary, series: dict[Side, Series], spec: ExerciseSpec) -> Html | None:
    panels = []
    for side in shown_sides(summary):
        if side not in series or not series[side].runs:
            continue
        faults = tuple(fault for fault in summary.faults if fault.side in (side, None))
        caption = tag(
            "figcaption",
            [tag("span", f"{side.capitalize()} hip", class_="leg"), "degrees; below zero is external"],
        )
        plot = draw_plot(series[side], side, summary.sides[side].reps, faults, band=spec.turns_inwards)
        panels.append(tag("figure", [caption, plot], class_=f"panel {side}"))
    if not panels:
        return None
    reps = [rep for done in summary.sides.values() for rep in done.reps]
    severities = {fault.severity for fault in summary.faults}
    keys = [
        ("k-valid", "peak of a counted rep", any(rep.valid for rep in reps)),
        ("k-partial", "not counted", any(not rep.valid for rep in reps)),
        ("k-sd", "± one standard deviation", True),
        ("k-band", f"{BAND} reference band", spec.turns_inwards),
        ("k-major", "major fault", "major" in severities),
        ("k-minor", "minor fault", "minor" in severities),
    ]
    legend = tag(
        "ul", [tag("li", [tag("i", class_=key), words]) for key, words, used in keys if used], class_="legend"
    )
    return section("Internal rotation over time", [*panels, legend])


def _reps(summary: SessionSummary) -> Html | None:
    rows = [
        [
            str(number),
            side,
            f"{clock(rep.start_s)} – {clock(rep.end_s)}",
            clock(rep.peak_s),
            describe_peak(rep.peak_deg, rep.peak_sd_deg),
            _rep_result(rep),
        ]
        for side in SIDES
        if side in summary.sides
        for number, rep in enumerate(summary.sides[side].reps, 1)
    ]
    if not rows:
        return None
    headings = (
        "Rep",
        "Leg",
        "From – to",
        "Peak at",
        "Rotation at the peak",
        "Result",
    )
    return section("Reps", table("Each rep, in the video's own time", headings, rows))


def _rep_result(rep: Rep) -> Html:
    faults = ", ".join(fault_name(fault) for fault in rep.faults)
    verdict = tag("span", "counted" if rep.valid else "not counted", class_="yes" if rep.valid else "no")
    return text([verdict, f" · {faults}" if faults else None])


def _holds(summary: SessionSummary) -> Html | None:
    rows = [
        [str(number), side, f"{clock(hold.start_s)} – {clock(hold.end_s)}", *_hold_result(hold)]
        for side in SIDES
        if side in summary.sides
        for number, hold in enumerate(summary.sides[side].holds, 1)
    ]
    if not rows:
        return None
    headings = ("Hold", "Leg", "From – to", "Held", "Target", "Result")
    return section("Holds", table("Each hold; pauses are not counted as held", headings, rows))


def _hold_result(hold: Hold) -> list[Content]:
    result = tag("span", "reached" if hold.completed else "short", class_="yes" if hold.completed else "no")
    return [f"{hold.held_s:.1f} s", f"{hold.target_s:.0f} s", result]


def _faults(faults: Sequence[Fault]) -> Html:
    if not faults:
        return section("Form", tag("p", "No faults were seen."))
    rows: list[list[Content]] = [
        [
            plain_name(fault.id).capitalize(),
            fault.side or "–",
            f"{clock(fault.start_s)} – {clock(fault.end_s)}",
            tag("span", fault.severity, class_=f"severity {fault.severity}"),
            fault.cue,
        ]
        for fault in faults
    ]
    return section(
        "Form",
        table("What was off, and the cue for it", ("Fault", "Leg", "From – to", "Severity", "Cue"), rows),
    )


def _stills(summary: SessionSummary, evidence: Sequence[Evidence]) -> Html | None:
    if not evidence:
        return None
    figures = [_still(item, _caption(summary, item)) for item in evidence]
    note = (
        "The arc at the knee is the turn since the start pose in this view; the number is hip rotation in "
        "that picture. A rep's own number, below it, is the median over its peak."
    )
    return section("Evidence", [tag("p", note, class_="soft"), tag("div", figures, class_="stills")])


def _still(item: Evidence, caption: tuple[str, str]) -> Html:
    title, words = caption
    image = tag(
        "img",
        src=f"data:image/jpeg;base64,{b64encode(item.jpeg).decode('ascii')}",
        width=item.width_px,
        height=item.height_px,
        alt=f"Picture at {clock(item.time_s)} with the skeleton drawn on it: {title}, {words}",
    )
    return tag("figure", [image, tag("figcaption", [tag("b", f"{title} "), words])])


def _caption(summary: SessionSummary, item: Evidence) -> tuple[str, str]:
    event, at = item.event, clock(item.time_s)
    if isinstance(event, Rep):
        value = describe_peak(event.peak_deg, event.peak_sd_deg)
        result = "" if event.valid else ", not counted"
        return f"Rep{_number(summary, event)}, {event.side}", f"at {at}: {value}{result}"
    if isinstance(event, Hold):
        return f"Hold, {event.side}", f"at {at}: {event.held_s:.1f} s of {event.target_s:.0f} s"
    side = f", {event.side}" if event.side else ""
    return f"{plain_name(event.id).capitalize()}{side}", f"at {at}: {event.cue}"


def _number(summary: SessionSummary, rep: Rep) -> str:
    reps = summary.sides[rep.side].reps if rep.side in summary.sides else ()
    return f" {reps.index(rep) + 1}" if rep in reps else ""


def _not_assessed(summary: SessionSummary) -> Html | None:
    pairs = [(plain_name(item.fault).capitalize(), sentence(item.reason)) for item in summary.not_assessed]
    pairs += [
        (f"{side.capitalize()} hip rotation", describe_withheld(done.rotation))
        for side, done in summary.sides.items()
        if side in shown_sides(summary) and isinstance(done.rotation, str)
    ]
    if not pairs:
        return None
    return section("What could not be assessed", _pairs(pairs))


def _pairs(pairs: Sequence[tuple[str, Content]]) -> Html:
    return tag("dl", [part for name, value in pairs for part in (tag("dt", name), tag("dd", value))])


def _setting(summary: SessionSummary, spec: ExerciseSpec) -> Html:
    view = summary.view
    verdict = tag("span", "good for this measurement" if view.ok else "not good enough", class_=_yes(view.ok))
    pairs: list[tuple[str, Content]] = [
        ("Camera", [f"{capital(view.measured)}; ", verdict]),
        ("Recommended", f"{plain_name(view.expected).capitalize()}. {spec.camera_place}"),
    ]
    if view.advice:
        pairs.append(("Next time", view.advice))
    pairs += [
        ("Tracking", describe_tracking(summary)),
        ("Measured by", f"coach {__version__}, pose model {summary.model}"),
    ]
    drawing = tag("figure", [Html(draw_placement(spec)), tag("figcaption", "Where the camera goes")])
    return section("Camera and tracking", [_pairs(pairs), drawing])


def _yes(good: bool) -> str:
    return "yes" if good else "no"


def _exercise(spec: ExerciseSpec) -> Html:
    low, high = (degrees_text(bound, nan) for bound in spec.target_deg)
    in_degrees = MEASURES[spec.measure].unit == "deg"
    aim = tag("p", f"Aim: {low} to {high} ({spec.measure_label}).") if in_degrees else None
    return section(
        "The exercise",
        [
            tag("p", spec.trains),
            tag("ol", [tag("li", step) for step in spec.instructions]),
            aim,
            tag("h3", "Safety"),
            tag("ul", [tag("li", note) for note in spec.safety]),
        ],
    )
