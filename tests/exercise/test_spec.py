"""Exercise specs: the shipped ones are sound, and a wrong one is told everything at once."""

from pathlib import Path

import pytest

from coach.errors import UsageError
from coach.exercise.measures import MEASURES
from coach.exercise.spec import VIEWS, find_spec, load_spec, load_specs
from coach.rotation.view import GATES

SHIPPED = Path(__file__).parents[2] / "exercise_specs"

GOOD = """\
schema = 1
id = "bridge"
name = "Bridge"
trains = "Hips."
instructions = ["Lie down.", "Lift."]
safety = ["Stop when it hurts."]
[camera]
view = "side"
place = "Beside you."
[sides]
working = "both"
[start]
still_s = 0.5
[measure]
name = "hip_internal_rotation"
label = "rotation"
[[phase]]
name = "in"
direction = "increase"
on_deg = 15
off_deg = 8
[rep]
cycle = ["in"]
min_s = 1.5
max_s = 15
min_half_s = 0.4
target_deg = [25, 40]
[targets]
reps = 10
[hold]
phase = "in"
target_s = 5
[[fault]]
id = "lean"
measure = "trunk_lean"
compare = "drifts-by"
threshold_deg = 10
phase = "working"
persist_s = 0.4
severity = "minor"
cue = "Sit tall."
[[not_assessed]]
fault = "rounding"
reason = "cannot be seen"
"""


def write(folder, text, name="mine.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(folder, text):
    with pytest.raises(UsageError) as error:
        load_spec(write(folder, text))
    heading, *problems = str(error.value).splitlines()
    assert heading == f"mine.toml has {len(problems)} problem{'s' if len(problems) > 1 else ''}:"
    return [p.strip() for p in problems]


def change(old, new):
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


# --- shipped specs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda p: p.stem)
def test_a_shipped_spec_is_consistent(path):
    spec = load_spec(path)
    assert spec.id == path.stem
    assert spec.camera_view in VIEWS
    assert set(spec.rep.cycle) <= {p.name for p in spec.phases}
    assert len({f.id for f in spec.faults}) == len(spec.faults)
    assert len({p.name for p in spec.phases}) == len(spec.phases)
    for phase in spec.phases:
        assert 0 < phase.off < phase.on <= spec.rep.target[0], "a target below `on` could be met uncounted"
        assert phase.name not in {"ready", "moving", "set-up"}
    for fault in spec.faults:
        assert fault.threshold > 0 or fault.compare in {"above", "below"}
        assert len(fault.cue) <= 60, "a cue is spoken and read at a distance"
        assert "\u2019" not in fault.cue
    assert 2 * spec.rep.min_half_s <= spec.rep.min_s < spec.rep.max_s
    assert spec.rep.bridge_s <= 1.0
    assert any("pain" in note for note in spec.safety)
    assert spec.not_assessed
    assert len(spec.instructions) >= 3


def test_shipped_specs_come_by_id_in_alphabetical_order():
    specs = load_specs()
    assert list(specs) == sorted(p.stem for p in SHIPPED.glob("*.toml"))
    assert {"banded-clamshell", "seated-rotation", "side-lying-rotation"} <= set(specs)


def test_an_unknown_exercise_lists_the_known_ones():
    with pytest.raises(UsageError, match=r"no exercise 'yoga'.*banded-clamshell, .*seated-rotation"):
        find_spec("yoga")


def test_a_users_folder_adds_exercises_and_overrides_shipped_ones(tmp_path):
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace('"bridge"', '"seated-rotation"'), "own.toml")
    write(tmp_path, "not a spec", "notes.txt")
    specs = load_specs(tmp_path)
    assert specs["bridge"].name == "Bridge"
    assert specs["seated-rotation"].name == "Bridge"
    assert find_spec("banded-clamshell", tmp_path).name == "Banded clamshell"
    assert list(specs) == sorted(specs)
    with pytest.raises(UsageError, match=r"Expected a folder with exercise specs at .*nowhere"):
        load_specs(tmp_path / "nowhere")


# --- a good spec ------------------------------------------------------------------------------------------


def test_a_good_spec_is_read_completely(tmp_path):
    spec = load_spec(write(tmp_path, GOOD))
    assert (spec.id, spec.working, spec.camera_view) == ("bridge", "both", "side")
    assert spec.equipment == ()
    [phase] = spec.phases
    assert (phase.name, phase.direction, phase.on, phase.off, phase.min_s) == ("in", "increase", 15, 8, 0.2)
    assert (spec.rep.cycle, spec.rep.min_s, spec.rep.bridge_s, spec.rep.target) == (
        ("in",),
        1.5,
        0.7,
        (25, 40),
    )
    assert spec.hold
    assert (spec.hold.phase, spec.hold.target_s, spec.hold.settle_s) == ("in", 5, 0.3)
    assert (spec.hold_target_s, spec.target_deg) == (5, (25, 40))
    [fault] = spec.faults
    assert (fault.measure, fault.threshold, fault.voids_rep) == ("trunk_lean", 10, False)
    assert spec.start_knee_flexion_deg == (0, 180)
    assert (spec.target_reps, spec.target_sets) == (10, 1)
    assert spec.not_assessed == (("rounding", "cannot be seen"),)


def test_a_spec_measured_as_a_ratio_takes_thresholds_as_ratios(tmp_path):
    text = GOOD.replace('"hip_internal_rotation"', '"ankle_offset"')
    text = text.replace("on_deg = 15\noff_deg = 8", "on_ratio = 0.2\noff_ratio = 0.1")
    text = text.replace("target_deg = [25, 40]", "target_ratio = [0.25, 0.4]")
    spec = load_spec(write(tmp_path, text))
    assert (spec.phases[0].on, spec.phases[0].off, spec.rep.target) == (0.2, 0.1, (0.25, 0.4))
    assert MEASURES[spec.measure].unit == "ratio"


# --- wrong specs ------------------------------------------------------------------------------------------


def test_three_mistakes_are_reported_at_once_with_file_key_expectation_and_finding(tmp_path):
    text = change('direction = "increase"', 'direction = "up"')
    text = text.replace("max_s = 15", 'max_s = "long"').replace('cue = "Sit tall."', "cue = 5")
    assert problems_of(tmp_path, text) == [
        "mine.toml: phase[1].direction: expected one of 'increase', 'decrease', got 'up'",
        "mine.toml: rep.max_s: expected a number from 0.1 to 600, got 'long'",
        "mine.toml: fault[1].cue: expected some text, got 5",
    ]


def test_an_unknown_key_lists_the_allowed_ones(tmp_path):
    [problem] = problems_of(tmp_path, change("still_s = 0.5", "still_s = 0.5\nstil_s = 1"))
    assert problem == (
        "mine.toml: start.stil_s: expected only known keys here (still_s, knee_flexion_deg, rule), got 1"
    )
    [problem] = problems_of(tmp_path, change("[camera]", "[kamera]\n[camera]"))
    assert problem.startswith("mine.toml: kamera: expected only known keys here (schema, ")


@pytest.mark.parametrize("unit", ["rad", "ratio"])
def test_a_wrong_unit_names_the_right_one_and_nothing_else(tmp_path, unit):
    assert problems_of(tmp_path, change("on_deg = 15", f"on_{unit} = 0.26")) == [
        "mine.toml: phase[1].on_deg: expected a number from 0.01 to 180, got nothing",
        f"mine.toml: phase[1].on_{unit}: expected only known keys here "
        "(name, direction, on_deg, off_deg, min_s), got 0.26",
    ]


def test_a_missing_number_does_not_make_its_partner_look_wrong(tmp_path):
    assert problems_of(tmp_path, change("max_s = 15\n", "")) == [
        "mine.toml: rep.max_s: expected a number from 0.1 to 600, got nothing"
    ]


def test_a_wrong_unit_of_a_fault_follows_its_measure(tmp_path):
    problems = problems_of(tmp_path, change("threshold_deg = 10", "threshold_ratio = 0.1"))
    assert [p.split(": expected")[0] for p in problems] == [
        "mine.toml: fault[1].threshold_deg", "mine.toml: fault[1].threshold_ratio",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("off_deg = 8", "off_deg = 15", "phase[1].off_deg"),
        ("off_deg = 8", "off_deg = 20", "phase[1].off_deg"),
        ("off_deg = 8", "off_deg = 0", "phase[1].off_deg"),
        ("on_deg = 15", "on_deg = 200", "phase[1].on_deg"),
        ("on_deg = 15", "on_deg = -15", "phase[1].on_deg"),
        ("min_s = 1.5", "min_s = 15", "rep.min_s"),
        ("min_half_s = 0.4", "min_half_s = 8", "rep.min_half_s"),
        ("target_deg = [25, 40]", "target_deg = [40, 25]", "rep.target_deg"),
        ('cycle = ["in"]', 'cycle = ["up"]', "rep.cycle"),
        ('cycle = ["in"]', 'cycle = ["in", "in"]', "rep.cycle"),
        ('phase = "in"\ntarget_s = 5', 'phase = "up"\ntarget_s = 5', "hold.phase"),
        ("target_s = 5", "target_s = 30", "hold.target_s"),
        ("threshold_deg = 10", "threshold_deg = -10", "fault[1].threshold_deg"),
        ('phase = "working"', 'phase = "up"', "fault[1].phase"),
        ('measure = "trunk_lean"', 'measure = "trunk"', "fault[1].measure"),
        ('compare = "drifts-by"', 'compare = "drifts"', "fault[1].compare"),
        ('severity = "minor"', 'severity = "fatal"', "fault[1].severity"),
        ("reps = 10", "reps = 0", "targets.reps"),
        ("reps = 10", "reps = 10.5", "targets.reps"),
        ("schema = 1", "schema = 2", "schema"),
        ('view = "side"', 'view = "above"', "camera.view"),
        ("instructions = [", "instructions = []\nequipment = [", "instructions"),
    ],
)
def test_what_makes_no_sense_is_refused_once_by_its_place(tmp_path, old, new, place):
    [problem] = problems_of(tmp_path, change(old, new))
    assert problem.startswith(f"mine.toml: {place}: expected ")


@pytest.mark.parametrize("name", ["ready", "moving", "set-up", "any", "working"])
def test_a_phase_may_not_be_called_by_a_word_that_is_taken(tmp_path, name):
    [problem] = problems_of(tmp_path, GOOD.replace('"in"', f'"{name}"'))
    assert problem.startswith("mine.toml: phase[1].name: expected a name that is not taken")


SECOND_PHASE = '[[phase]]\nname = "{}"\ndirection = "{}"\non_deg = 20\noff_deg = 9\n[rep]'


@pytest.mark.parametrize(
    ("name", "direction", "place"),
    [("in", "decrease", "phase[2].name"), ("more", "increase", "phase[2].direction")],
)
def test_two_phases_of_one_name_or_one_direction_are_refused(tmp_path, name, direction, place):
    """A phase in the same direction could never be entered."""
    [problem] = problems_of(tmp_path, change("[rep]", SECOND_PHASE.format(name, direction)))
    assert problem.startswith(f"mine.toml: {place}: expected ")


def test_two_faults_of_one_id_are_refused(tmp_path):
    fault = GOOD[GOOD.index("[[fault]]") : GOOD.index("[[not_assessed]]")]
    [problem] = problems_of(tmp_path, change("[[not_assessed]]", fault + "[[not_assessed]]"))
    assert problem.startswith("mine.toml: fault[2].id: expected ")


def test_a_spec_without_phases_says_so(tmp_path):
    text = GOOD.replace(GOOD[GOOD.index("[[phase]]") : GOOD.index("[rep]")], "")
    assert any(
        p.startswith("mine.toml: phase: expected at least one table [[phase]], got nothing")
        for p in problems_of(tmp_path, text)
    )


def test_an_empty_file_lists_what_is_missing(tmp_path):
    problems = problems_of(tmp_path, "")
    assert all("got nothing" in p for p in problems)
    for key in ("id", "name", "camera.view", "sides.working", "measure.name", "phase", "rep.cycle"):
        assert any(p.startswith(f"mine.toml: {key}: ") for p in problems), key


def test_a_syntax_error_names_file_and_line(tmp_path):
    with pytest.raises(UsageError, match=r"mine\.toml: expected a TOML file, got a syntax error: .*line 2"):
        load_spec(write(tmp_path, "schema = 1\nid = \n"))


def test_a_file_that_is_no_text_is_a_syntax_error_too(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(UsageError, match=r"mine\.toml: expected a TOML file"):
        load_spec(path)


def test_a_missing_file_or_a_folder_is_told_plainly(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(UsageError, match=r"Cannot read the exercise spec .*: .+\."):
            load_spec(path)


RULE = """\
[[start.rule]]
measure = "trunk_incline"
range_deg = [0, 40]
throughout = true
cue = "Sit up."
"""


def test_rules_of_the_start_pose_are_read_and_checked(tmp_path):
    [rule] = load_spec(write(tmp_path, change("[measure]", RULE + "[measure]"))).start_rules
    assert (rule.measure, rule.low, rule.high, rule.legs, rule.throughout, rule.cue) == (
        "trunk_incline", 0, 40, "each", True, "Sit up.",
    )  # fmt: skip
    wrong = RULE.replace("range_deg", "range_ratio").replace("true", "1")
    problems = problems_of(tmp_path, change("[measure]", wrong + "[measure]"))
    assert [p.split(": expected")[0] for p in problems] == [
        "mine.toml: start.rule[1].range_deg",
        "mine.toml: start.rule[1].throughout",
        "mine.toml: start.rule[1].range_ratio",
    ]


def test_how_rotation_is_read_follows_the_view_and_the_measure_table(tmp_path):
    reading = load_spec(write(tmp_path, GOOD)).reading
    assert (reading.gate, reading.reference, reading.absolute) == (GATES["side"], "trunk", True)
    text = change('label = "rotation"', 'label = "rotation"\nreference = "hips"\nabsolute = false')
    reading = load_spec(write(tmp_path, text)).reading
    assert (reading.reference, reading.absolute) == ("hips", False)


def test_what_is_followed_instead_of_the_measure_has_the_same_unit(tmp_path):
    spec = load_spec(write(tmp_path, change("[measure]", '[measure]\ninstead = "shank_tilt"')))
    assert spec.driving == ("hip_internal_rotation", "shank_tilt")
    assert "shank_tilt" in spec.measures
    problems = problems_of(tmp_path, change("[measure]", '[measure]\ninstead = "knee_height"'))
    assert any("instead" in problem for problem in problems)
