"""Form rules become faults; of the active ones, one cue at a time."""

from itertools import pairwise
from math import nan

import pytest
from bodies import clock
from simple_specs import make_fault, make_spec

from coach.exercise.form import CUE_SHOWN_S, Coach, FaultMonitor


def watch(signal, fault, *, end_s=10.0, fps=30.0, phase=lambda _: "in", start=0.0):
    """Faults reported while the measure follows `signal(t)`."""
    monitor = FaultMonitor(make_spec(faults=[fault]), "left")
    ended = []
    for t in clock(end_s, fps):
        values = {fault.measure: signal(t)}
        ended += monitor.update(float(t), phase(t), values, {fault.measure: start})
    return ended + monitor.finish()


def test_a_rule_broken_for_long_enough_is_one_fault_with_its_times():
    fault = make_fault("lean", persist_s=0.4, severity="major")
    [found] = watch(lambda t: 20.0 if 2 <= t < 4 else 0.0, fault)
    assert (found.id, found.side, found.cue, found.severity) == ("lean", "left", "No lean.", "major")
    assert found.start_s == pytest.approx(2.0, abs=0.04)
    assert found.end_s == pytest.approx(4.0, abs=0.04)


@pytest.mark.parametrize(("broken_s", "count"), [(0.3, 0), (0.5, 1)])
def test_a_rule_has_to_stay_broken_for_its_persistence(broken_s, count):
    assert len(watch(lambda t: 20.0 if 2 <= t < 2 + broken_s else 0.0, make_fault(persist_s=0.4))) == count


def test_a_short_pause_does_not_end_a_fault_and_a_longer_one_does():
    def signal(pause_s):
        return lambda t: 20.0 if 2 <= t < 3 or 3 + pause_s <= t < 4 + pause_s else 0.0

    assert len(watch(signal(0.2), make_fault())) == 1
    assert len(watch(signal(0.6), make_fault())) == 2


def test_brief_breaks_apart_do_not_add_up_to_persistence():
    assert watch(lambda t: 20.0 if t % 1 < 0.3 else 0.0, make_fault(persist_s=0.4)) == []


def test_a_fault_still_under_way_at_the_end_is_reported():
    [found] = watch(lambda t: 20.0 if t >= 8 else 0.0, make_fault())
    assert found.end_s == pytest.approx(10.0, abs=0.04)


@pytest.mark.parametrize(
    ("compare", "start", "value", "broken"),
    [
        ("above", 100.0, 10.1, True),
        ("above", -100.0, 9.9, False),
        ("below", 100.0, 9.9, True),
        ("below", -100.0, 10.1, False),
        ("rises-by", 50.0, 60.1, True),
        ("rises-by", 50.0, 59.9, False),
        ("rises-by", 50.0, 30.0, False),
        ("falls-by", 50.0, 39.9, True),
        ("falls-by", 50.0, 40.1, False),
        ("falls-by", 50.0, 70.0, False),
        ("drifts-by", 50.0, 60.1, True),
        ("drifts-by", 50.0, 39.9, True),
        ("drifts-by", 50.0, 59.9, False),
        ("drifts-by", 50.0, 40.1, False),
    ],
)
def test_comparisons(compare, start, value, broken):
    assert bool(watch(lambda _: value, make_fault(compare=compare), start=start)) is broken


@pytest.mark.parametrize("compare", ["above", "below", "rises-by", "falls-by", "drifts-by"])
def test_what_is_not_known_breaks_no_rule(compare):
    assert watch(lambda _: nan, make_fault(compare=compare)) == []
    if compare.endswith("-by"):  # the others do not look at the start pose
        assert watch(lambda _: 50.0, make_fault(compare=compare), start=nan) == []


def test_angles_that_wrap_round_do_not_jump():
    """From 179 to -179 degrees is a change of 2."""
    assert watch(lambda _: -179.0, make_fault(), start=179.0) == []
    assert len(watch(lambda _: -165.0, make_fault(compare="rises-by"), start=179.0)) == 1


@pytest.mark.parametrize(
    ("where", "phases"),
    [("any", {"ready", "moving", "in"}), ("working", {"moving", "in"}), ("in", {"in"})],
)
def test_a_rule_applies_in_its_phase_only(where, phases):
    for phase in ("ready", "moving", "in"):
        found = watch(lambda _: 20.0, make_fault(phase=where), phase=lambda _, p=phase: p)
        assert bool(found) is (phase in phases)


def test_active_lists_the_faults_that_have_persisted():
    fault = make_fault(persist_s=0.4)
    monitor = FaultMonitor(make_spec(faults=[fault]), "left")
    for t, active in ((0.0, False), (0.3, False), (0.5, True), (1.0, True)):
        monitor.update(t, "in", {"trunk_lean": 20.0}, {"trunk_lean": 0.0})
        assert monitor.active == ([fault] if active else [])
    monitor.update(1.2, "in", {"trunk_lean": 0.0}, {"trunk_lean": 0.0})
    assert monitor.active == [fault]
    monitor.update(1.5, "in", {"trunk_lean": 0.0}, {"trunk_lean": 0.0})
    assert monitor.active == []


# --- cues -------------------------------------------------------------------------------------------------

MINOR, MINOR_2 = make_fault("lean"), make_fault("knee")
MAJOR = make_fault("roll", severity="major")


def say(active_at, *, end_s=30.0, fps=10.0):
    """[(cue, from, to)] without the silences."""
    coach, said = Coach(), []
    for t in clock(end_s, fps):
        cue = coach.update(float(t), active_at(t))
        if cue and said and said[-1][0] == cue and t - said[-1][2] < 1.5 / fps:
            said[-1][2] = float(t)
        elif cue:
            said.append([cue, float(t), float(t)])
    return [tuple(s) for s in said]


def test_silence_without_faults():
    assert say(lambda _: []) == []


def test_a_cue_is_shown_while_its_fault_lasts_and_a_little_longer():
    [(cue, from_s, to_s)] = say(lambda t: [MINOR] if 2 <= t < 6 else [])
    assert cue == "No lean."
    assert from_s == pytest.approx(2.0)
    assert to_s == pytest.approx(6.0 + CUE_SHOWN_S, abs=0.25)


def test_the_same_cue_is_not_repeated_within_the_cooldown():
    said = say(lambda t: [MINOR] if t % 4 < 0.5 else [])
    starts = [s[1] for s in said]
    assert len(said) >= 3
    assert all(b - a >= 6.0 - 1e-9 for a, b in pairwise(starts))


def test_a_cue_may_be_given_at_the_very_start_of_the_clock():
    assert Coach().update(0.0, [MINOR]) == "No lean."


def test_only_one_cue_at_a_time_the_first_stays():
    said = say(lambda t: [MINOR] if t < 1 else [MINOR_2, MINOR], end_s=8)
    assert [s[0] for s in said] == ["No lean."]


def test_the_next_fault_has_its_turn_when_the_first_cue_is_over():
    said = say(lambda t: [MINOR] if t < 1 else [MINOR_2], end_s=12)
    assert [s[0] for s in said] == ["No lean.", "No knee."]
    assert said[1][1] == pytest.approx(1.0 + CUE_SHOWN_S, abs=0.25)


def test_a_major_fault_interrupts_a_minor_cue_but_not_the_other_way():
    said = say(lambda t: [MINOR] if t < 3 else [MINOR, MAJOR], end_s=10)
    assert [s[0] for s in said] == ["No lean.", "No roll."]
    assert said[1][1] == pytest.approx(3.0)
    said = say(lambda t: [MAJOR] if t < 3 else [MINOR, MAJOR], end_s=10)
    assert [s[0] for s in said] == ["No roll."]


def test_a_major_fault_comes_first_whatever_the_order():
    assert Coach().update(1.0, [MINOR, MAJOR]) == "No roll."


def test_a_major_fault_still_cooling_down_does_not_silence_a_minor_cue():
    def active(t):
        if t < 0.5:
            return [MAJOR]
        if t < 4:
            return []
        return [MINOR] if t < 5 else [MINOR, MAJOR]

    said = say(active, end_s=8)
    assert [s[0] for s in said] == ["No roll.", "No lean.", "No roll."]
    assert said[1][2] >= said[2][1] - 0.15, "no silence in between"
