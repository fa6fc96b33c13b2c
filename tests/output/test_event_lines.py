"""A live session as lines: each thing once, in words or as JSON."""

import json

from live_actors import play, sit, turn
from simple_specs import make_spec

from coach.live.plan import Plan
from coach.live.session import LiveSession
from coach.output.event_lines import EventLines


def lines_of(poses, *, as_json):
    lines = EventLines(as_json=as_json)
    session = LiveSession(make_spec(), Plan(9, 1, 5.0, 0.0, "left", explain=True))
    return [line for state in play(session, poses) for line in lines.of(state)]


def test_what_is_said_is_not_shown_as_well():
    words = [line.split(maxsplit=1)[1] for line in lines_of(sit(10.0), as_json=False)]
    assert words[0] == "[framing]"
    assert words[1].startswith("Test exercise. Camera:")
    assert "[hold-still] Hold still" in words


def test_a_rep_that_does_not_count_says_why():
    shown = lines_of(turn([30, 13, 30], first_s=30.0), as_json=False)
    assert sum("counted" in line and "rep, left leg" in line for line in shown) == 3
    (partial,) = (line for line in shown if "not counted" in line)
    assert partial.endswith("not counted (not all the way out and back)")


def test_programs_get_identifiers_and_prompts():
    events = [json.loads(line) for line in lines_of(turn([30, 13, 30], first_s=30.0), as_json=True)]
    assert events[0]["event"] == "stage" and events[0]["prompt"]
    assert [e["faults"] for e in events if e["event"] == "rep"] == [[], ["range"], []]
