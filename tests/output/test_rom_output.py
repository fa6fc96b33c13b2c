"""The range-of-motion result as JSON, as a page and in the terminal."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from math import nan

import jsonschema
import pytest
from rich.console import Console

from coach.body.pose import SourceFacts
from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.rom.result import summarise
from coach.exercise.rom.sample import Pelvis
from coach.exercise.rom.session import RomSession
from coach.exercise.rom.trial import Trial
from coach.output.evidence import Evidence
from coach.output.json_parts import load_schema
from coach.output.rom.report import render_rom_report
from coach.output.rom.summary import SCHEMA, to_json, write_rom_summary
from coach.output.rom.terminal import print_rom_summary
from coach.rom_pipeline import trial_as_rep

FACTS = SourceFacts("<b>Übung</b>.mp4", 640, 480, 15.0, 300, 20.0)
STILL = Pelvis(0.4, 0.2, -1.0, 2.0)
LEFT = Trial("left", "internal", 38.04, 3.0, 1.2, 2.0, 7.0, (3.5, 5.5), 2.2, STILL, None)
TRIALS = (
    LEFT,
    replace(
        LEFT, value_deg=36.0, start_s=9.0, end_s=14.0, plateau_s=(10.5, 12.0), held_s=1.5,
        note="short_plateau",
    ),
    replace(LEFT, direction="external", value_deg=30.0, start_s=16.0, end_s=21.0),
    replace(LEFT, side="right", value_deg=26.0, start_s=23.0, end_s=28.0),
    replace(LEFT, side="right", value_deg=49.0, start_s=30.0, end_s=35.0, rejected="pelvis_tilted"),
    replace(
        LEFT, side="right", direction="external", value_deg=nan, sd_deg=nan, plateau_s=(nan, nan), held_s=0.0,
        rejected="not_held", start_s=37.0, end_s=40.0,
    ),
)  # fmt: skip


@pytest.fixture
def summary():
    session = RomSession(PROTOCOLS["seated"])
    session.trials += TRIALS
    session.was_ready = True
    session.frames = session.frames_with_pose = 300
    session.view.angles[4, 6] = 300
    session.view.good = 300
    return summarise(session, FACTS, "full", {("left", "internal"): 40.0, ("right", "external"): 33.0})


@pytest.fixture
def nothing():
    return summarise(RomSession(PROTOCOLS["prone"]), FACTS, "", {("left", "internal"): 38.0})


def check(document):
    jsonschema.Draft202012Validator(load_schema(SCHEMA)).validate(document)


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(load_schema(SCHEMA))


def test_the_result_keeps_to_the_schema(summary):
    document = to_json(summary)
    check(document)
    internal = document["sides"]["left"]["internal"]
    assert internal["trials_deg"] == [38.0, 36.0]
    assert internal["median_deg"] == 37.0
    assert internal["spread_deg"] == 2.0
    assert internal["goniometer_deg"] == 40.0
    low, high = internal["interval95_deg"]
    assert low < 37.0 < high
    assert internal["verdict"] == "cannot-tell"
    assert document["sides"]["left"]["external"]["verdict"] is None
    assert document["sides"]["left"]["arc_deg"] == 67.0
    assert document["sides"]["right"]["internal"]["verdict"] == "below"
    assert document["sides"]["right"]["external"]["withheld"] == "not_held"
    assert document["sides"]["right"]["external"]["goniometer_deg"] == 33.0
    assert document["sides"]["right"]["arc_deg"] is None
    assert document["asymmetry_deg"] == 11.0
    assert document["asymmetry"]["internal"] == {"left_minus_right_deg": 11.0, "real": True}
    assert document["asymmetry"]["external"] is None
    assert document["minimal_detectable_change"]["provisional"] is False
    assert document["reference_deg"] == [40.0, 45.0]
    assert [t["counted"] for t in document["trials"]] == [True, True, True, True, False, False]
    assert document["trials"][5]["value_deg"] is None
    assert document["advice"] is None


def test_a_posture_that_cannot_be_measured_keeps_to_it_too(nothing, tmp_path):
    write_rom_summary(nothing, tmp_path / "measure.json")
    text = (tmp_path / "measure.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    document = json.loads(text)
    check(document)
    assert document["sides"]["left"]["internal"]["withheld"] == "prone_not_measurable"
    assert document["sides"]["left"]["internal"]["goniometer_deg"] == 38.0
    assert "seated" in document["advice"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d["sides"]["left"]["internal"].update(withheld="no"),
        lambda d: d["sides"]["left"]["internal"].pop("verdict"),
        lambda d: d["trials"][0].update(extra=1),
        lambda d: d.update(protocol="standing"),
    ],
)
def test_the_schema_refuses_what_it_does_not_know(summary, spoil):
    document = to_json(summary)
    spoil(document)
    with pytest.raises(jsonschema.ValidationError):
        check(document)


class _Checker(HTMLParser):
    void = frozenset({"meta", "img", "br", "rect", "line", "path", "circle"})

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_nobody_for_anything(summary):
    stills = [
        Evidence("rep", t.side, trial_as_rep(t), t.start_s + 2.0, 320, 240, b"\xff\xd8jpeg") for t in TRIALS
    ]
    page = render_rom_report(summary, stills)
    checker = _Checker()
    checker.feed(page)
    assert checker.open == []
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!data:)", page) == []
    assert page.count("<img") == len(TRIALS)
    assert "<b>Übung</b>" not in page
    assert "37° ± 3°" in page
    assert "rejected: the pelvis tilted" in page
    assert "held for 1.5 s only" in page
    assert "measured on rendered people" in page
    assert "Goniometer: 40°, camera −3°" in page
    assert "not a medical device" in page


def test_what_was_not_done_is_one_line_and_what_was_counts_its_trials(summary):
    page = render_rom_report(summary, [])
    assert re.search(r"internal rotation; \d trials?(, \d+° apart)?; 95\u00a0% interval", page)
    withheld = replace(summary.legs["left"], external="not_performed")
    page = render_rom_report(replace(summary, legs={**summary.legs, "left": withheld}), [])
    assert '<strong>External rotation: </strong><span class="soft">not performed.</span>' in page


def test_the_page_says_why_nothing_was_measured(nothing):
    page = render_rom_report(nothing, [])
    assert "Use the seated protocol" in page
    assert "<img" not in page


def show(summary, width=100, encoding="utf-8"):
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    print_rom_summary(summary, None, Console(file=file, width=width))
    return raw.getvalue().decode(encoding)


def test_the_terminal_shows_both_hips_and_every_trial(summary):
    text = show(summary)
    assert re.search(r"left +internal +37° ± 3° .*2, 2° apart +cannot tell +40°, camera −3°", text)
    assert re.search(r"left +arc +67°", text)
    assert re.search(r"right +internal +26° ± 4° .*below", text)
    assert re.search(r"right external .*rejected: not held still at its end", text)
    assert "11° more on the left" in text
    assert "rendered people" in text
    assert "—" not in text


def test_an_old_terminal_gets_plain_signs(summary):
    text = show(summary, width=140, encoding="ascii")
    assert "37 deg +/- 3 deg" in text


def test_what_could_not_be_measured_is_explained_once(nothing, summary):
    text = show(nothing)
    assert text.count("not measurable") == 4
    assert "goniometer." not in text  # the error says it
    assert show(summary).count("Stay at the end of the range") == 1
