"""`measure.html`: one self-contained page on a range-of-motion test, with each trial's protractor frame."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from coach import __version__
from coach.body.landmarks import SIDES, Side
from coach.exercise.events import Rep
from coach.exercise.rom.result import LegResult, Range, RomSummary
from coach.exercise.rom.trial import DIRECTIONS, Direction, Trial
from coach.exercise.session import RotationRange
from coach.output.atomic import write_text
from coach.output.dial import draw_dial
from coach.output.evidence import Evidence
from coach.output.html_page import page_header, render_page, section, source_facts
from coach.output.markup import Content, Html, table, tag
from coach.output.rom.wording import (
    advise,
    describe_asymmetry,
    describe_mdc,
    describe_range,
    describe_reading,
    describe_trial,
    explain,
    interval_text,
)
from coach.output.wording import BAND, capital, clock, count_text, degrees_text

_SAFETY: Final = (
    "Stop at sharp groin pain, pinching, knee pain or numbness, and never push beyond today's range. Ask "
    "first after a hip replacement, recent surgery or a fracture, in pregnancy, or with a known impingement."
)


def write_rom_report(summary: RomSummary, evidence: Sequence[Evidence], path: Path) -> None:
    """Write the page; it appears whole or not at all."""
    write_text(path, render_rom_report(summary, evidence))


def render_rom_report(summary: RomSummary, evidence: Sequence[Evidence]) -> str:
    """The page as text."""
    sections = [
        _glance(summary),
        _difference(summary),
        _trials(summary),
        _stills(summary, evidence),
        _setting(summary),
        _protocol(summary),
    ]
    about = (
        f"{BAND} of internal rotation is a common reference, not a pass mark: healthy hips are often below "
        "it. Degrees count from the neutral pose, the lower leg hanging straight down. ± is one standard "
        "deviation. The interval combines the spread of the trials with the measurement's own error, which "
        "does not average out. Left and right are the person's own."
    )
    title = f"{summary.protocol.name} – {summary.source.name}"
    return render_page(title, _header(summary), sections, about)


def _header(summary: RomSummary) -> Html:
    notices = [advise(summary)]
    if not summary.complete:
        notices.append("The run was interrupted. What follows is valid as far as it goes.")
    return page_header("Range of motion", summary.protocol.name, source_facts(summary.source), notices)


def _glance(summary: RomSummary) -> Html:
    cards = [_card(summary, side) for side in SIDES]
    return section("At a glance", tag("div", cards, class_="cards"))


def _card(summary: RomSummary, side: Side) -> Html:
    leg = summary.legs[side]
    words: list[Content] = []
    for direction in DIRECTIONS:
        words += _value(leg.get(direction), direction, summary.readings.get((side, direction)))
    if leg.arc_deg == leg.arc_deg:
        words.append(tag("p", f"Arc, internal plus external: {degrees_text(leg.arc_deg, float('nan'))}."))
    dial = _dial(leg, side)
    content = tag("div", [dial, tag("div", words)], class_="dial") if dial else tag("div", words)
    return tag(
        "section", [tag("h3", f"{side.capitalize()} hip", class_="leg"), content], class_=f"card {side}"
    )


def _dial(leg: LegResult, side: Side) -> Html | None:
    """The protractor over both directions; nothing without a value."""
    ranges = [measured for d in DIRECTIONS if isinstance(measured := leg.get(d), Range)]
    if not ranges:
        return None
    inwards = leg.internal.median_deg if isinstance(leg.internal, Range) else 0.0
    outwards = leg.external.median_deg if isinstance(leg.external, Range) else 0.0
    sd_deg = max(measured.sd_deg for measured in ranges)
    return draw_dial(RotationRange(-outwards, inwards, sd_deg, "image-plane", "cannot-tell"), side)


def _value(measured: Range | str, direction: Direction, reading_deg: float | None) -> list[Content]:
    reading = (
        [tag("p", f"Goniometer: {describe_reading(measured, reading_deg)}.")]
        if reading_deg is not None
        else []
    )
    if isinstance(measured, str):
        title = tag("strong", f"{direction.capitalize()} rotation: ")
        why = explain(measured)
        return [tag("p", [title, tag("span", why[:1].lower() + why[1:], class_="soft")]), *reading]
    verdict = describe_range(measured)
    return [
        tag("p", degrees_text(measured.median_deg, measured.sd_deg), class_="value"),
        tag(
            "p",
            f"{direction} rotation; {count_text(len(measured.trials), 'trial')}{_spread(measured)}; "
            f"95\u00a0% interval {interval_text(measured)}",
            class_="soft",
        ),
        *([tag("p", verdict)] if verdict else []),
        *reading,
    ]


def _spread(measured: Range) -> str:
    return f", {measured.spread_deg:.0f}° apart" if len(measured.trials) > 1 else ""


def _difference(summary: RomSummary) -> Html | None:
    found = [
        tag("p", describe_asymmetry(asymmetry, direction))
        for direction in DIRECTIONS
        if (asymmetry := summary.asymmetry(direction))
    ]
    if not found:
        return None
    return section("Left and right", [*found, tag("p", describe_mdc(), class_="soft")])


def _trials(summary: RomSummary) -> Html | None:
    if not summary.trials:
        return None
    rows = [
        [
            f"{trial.side.capitalize()}, {trial.direction}",
            clock(trial.plateau_s[0] if trial.held_s else trial.start_s),
            degrees_text(trial.value_deg, trial.sd_deg),
            f"{trial.held_s:.1f}\u00a0s",
            _pelvis(trial),
            tag("span", describe_trial(trial), class_="yes" if trial.valid else "no"),
        ]
        for trial in summary.trials
    ]
    headings = ("Trial", "Plateau at", "From neutral", "Held", "Pelvis: tilt / turn · trunk lean", "Result")
    return section("Trials", table("Each trial, in the video's own time", headings, rows))


def _pelvis(trial: Trial) -> str:
    nan = float("nan")
    tilt, turn, lean = (
        degrees_text(value, nan)
        for value in (trial.pelvis.tilt_deg, trial.pelvis.turn_deg, trial.pelvis.lean_deg)
    )
    return f"{tilt} / {turn} · {lean}"


def _stills(summary: RomSummary, evidence: Sequence[Evidence]) -> Html | None:
    figures = [_still(item, trial) for item in evidence if (trial := _trial_of(summary, item))]
    if not figures:
        return None
    note = "The furthest frame of each trial; the arc at the knee is the turn since the neutral pose."
    return section("Protractor frames", [tag("p", note, class_="soft"), tag("div", figures, class_="stills")])


def _trial_of(summary: RomSummary, item: Evidence) -> Trial | None:
    if not isinstance(item.event, Rep):
        return None
    wanted = (item.event.side, item.event.start_s, item.event.end_s)
    return next((t for t in summary.trials if (t.side, t.start_s, t.end_s) == wanted), None)


def _still(item: Evidence, trial: Trial) -> Html:
    title = f"{trial.side.capitalize()}, {trial.direction}"
    words = f" {degrees_text(trial.value_deg, trial.sd_deg)}, {describe_trial(trial)}"
    image = tag(
        "img",
        src=f"data:image/jpeg;base64,{b64encode(item.jpeg).decode('ascii')}",
        width=item.width_px,
        height=item.height_px,
        alt=f"Picture at {clock(item.time_s)} with the protractor drawn on it: {title},{words}",
    )
    return tag("figure", [image, tag("figcaption", [tag("b", title), words, f", at {clock(item.time_s)}"])])


def _setting(summary: RomSummary) -> Html:
    view, tracking = summary.view, summary.tracking
    verdict = tag("span", "good for this measurement" if view.ok else "not good enough", class_=_yes(view.ok))
    share = 100 * tracking.frames_with_pose / tracking.frames if tracking.frames else 0.0
    pairs: list[tuple[str, Content]] = [("Camera", [f"{capital(view.measured)}; ", verdict])]
    if view.advice:
        pairs.append(("Next time", view.advice))
    pairs += [
        ("Tracking", f"A person was found in {share:.0f} % of {tracking.frames} frames."),
        ("Measured by", f"coach {__version__}, pose model {summary.model or 'unknown'}"),
    ]
    rows = [part for name, value in pairs for part in (tag("dt", name), tag("dd", value))]
    return section("Camera and tracking", tag("dl", rows))


def _yes(good: bool) -> str:
    return "yes" if good else "no"


def _protocol(summary: RomSummary) -> Html:
    return section(
        "The protocol",
        [
            tag("ol", [tag("li", step) for step in summary.protocol.instructions]),
            tag("p", f"Camera: {summary.protocol.camera}"),
            tag("p", _SAFETY),
        ],
    )
