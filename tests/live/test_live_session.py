"""A whole session, pose by pose: guided start, countdown, counting, legs, sets, rests, pauses, loss."""

from itertools import pairwise

import pytest
from bodies import HEAD_RIGHT, Camera, build_pose
from live_actors import (
    LOOK,
    chain,
    counted,
    hide,
    nobody,
    play,
    raise_hand,
    said,
    shift,
    sit,
    stages,
    turn,
)
from simple_specs import make_spec

from coach.body.pose import SourceFacts
from coach.live.plan import Plan, Turns
from coach.live.session import LiveSession
from coach.live.state import Look
from coach.live.talk import estimate_speech_s

SEATED = make_spec(id="seated", name="Seated rotation")
FACTS = SourceFacts("camera 0", 1280, 720, 20.0)


def make_session(reps=2, sets=1, side="left", rest_s=5.0, countdown_s=3.0, spec=SEATED):
    return LiveSession(spec, Plan(reps, sets, rest_s, countdown_s, side))


def test_a_session_goes_through_its_stages():
    states = play(make_session(), chain(sit(5.0), turn([30, 30])))
    assert stages(states) == ["hold-still", "countdown", "working", "finished"]
    assert len(counted(states)) == 2
    assert states[-1].stage == "finished"


def test_the_countdown_is_shown_and_said():
    states = play(make_session(), sit(5.0))
    assert [s.countdown_s for s in states if s.countdown_s][::20][:3] == [3, 2, 1]
    words = said(states)
    assert [w for w in words if w in {"3", "2", "1", "Go."}] == ["3", "2", "1", "Go."]
    go = next(s for s in states if s.stage == "working")
    assert go.time_s == pytest.approx(SEATED.start_still_s + 3.0, abs=0.15)


def test_without_a_countdown_counting_starts_at_once():
    states = play(make_session(countdown_s=0.0), sit(1.0))
    go = next(s for s in states if s.stage == "working")
    assert go.time_s <= SEATED.start_still_s + 0.1


def test_a_rep_right_after_go_is_counted():
    states = play(make_session(countdown_s=0.0), turn([30, 30], first_s=0.7))
    assert len(counted(states)) == 2


def test_moving_during_the_countdown_stops_it():
    states = play(make_session(), chain(sit(2.0), turn([30], first_s=0.1), sit(5.0)))
    assert stages(states)[:4] == ["hold-still", "countdown", "hold-still", "countdown"]
    assert not counted(states)


def test_reps_are_counted_aloud_with_what_is_left():
    states = play(make_session(reps=5, countdown_s=0.0), turn([30] * 5))
    numbers = [w for w in said(states) if w[0].isdigit()]
    assert numbers == ["1", "2", "3. Two more.", "4. One more.", "5"]


def test_the_count_stands_until_the_next_turn_begins():
    states = play(make_session(reps=2, countdown_s=0.0), turn([30, 30]))
    assert max(s.progress.rep_count for s in states) == 2
    last = next(s for s in states if s.stage == "finished")
    assert last.progress.rep_count == last.progress.rep_target == 2


def test_a_partial_rep_is_explained_and_not_counted():
    states = play(make_session(reps=9, countdown_s=0.0), turn([30, 30, 13, 30]))
    assert len(counted(states)) == 3
    assert any(w.startswith("Not counted.") for w in said(states))


def test_both_legs_and_two_sets_take_turns_with_a_rest_between_the_sets():
    one_set = [sit(4.5), turn([30, 30]), sit(8.0), turn([30, 30], side="right")]
    states = play(make_session(sets=2, side="auto"), chain(*one_set, sit(9.0), *one_set))
    reps = [(d.set_number, d.event.side) for s in states for d in s.done if hasattr(d.event, "valid")]
    assert reps == [(1, "left")] * 2 + [(1, "right")] * 2 + [(2, "left")] * 2 + [(2, "right")] * 2
    assert stages(states).count("rest") == 1
    assert states[-1].stage == "finished"
    words = said(states)
    assert "Change legs. Now the right leg." in words
    assert "Rest for 5 seconds." in words


def test_the_change_of_legs_is_heard_before_the_countdown():
    states = play(make_session(reps=1, side="auto"), chain(sit(4.5), turn([30]), sit(10.0)))
    change_s = next(x.time_s for s in states for x in s.says if "Change legs" in x.text)
    again_s = next(x.time_s for s in states for x in s.says if x.text == "3" and x.time_s > change_s)
    assert again_s - change_s > 3.0


def test_the_first_leg_is_whichever_moves():
    states = play(make_session(side="auto", countdown_s=0.0), turn([30, 30], side="right"))
    assert {rep.side for rep in counted(states)} == {"right"}
    assert states[-1].progress.side == "left"


def test_where_both_legs_work_a_number_is_said_when_both_are_done():
    spec = make_spec(working="both")
    one, other = turn([30, 30]), turn([30, 30], side="right")
    states = play(make_session(side="both", countdown_s=0.0, spec=spec), chain(one, other))
    assert [word for word in said(states) if word[0].isdigit()] == ["1", "2"]


def test_who_moves_the_wrong_leg_is_told_which_one_is_waited_for():
    states = play(make_session(reps=9, side="left", countdown_s=0.0), turn([30] * 6, side="right"))
    assert not counted(states)
    (first_s, *more_s) = times_of(states, "I don't see your left leg move.")
    assert 14 < first_s < 20
    assert not more_s or more_s[0] - first_s > 7


def test_nobody_is_nagged_while_moving():
    states = play(make_session(reps=9, countdown_s=0.0), turn([30] * 6))
    assert "I don't see" not in " ".join(said(states))


def test_a_hold_let_go_too_early_is_remarked_on_but_not_each_time():
    spec = make_spec(hold=("in", 8.0, 0.3))
    states = play(make_session(reps=9, countdown_s=0.0, spec=spec), turn([30, 30, 30]))
    assert len(counted(states)) == 3
    assert 1 <= said(states).count("Hold it longer: 8 seconds.") < 3


def test_an_exercise_done_for_the_first_time_is_explained_before_the_countdown():
    session = LiveSession(SEATED, Plan(2, 1, 5.0, 3.0, "left", explain=True))
    states = play(session, sit(60.0))
    words = said(states)
    assert SEATED.camera_place in words[0]
    assert all(words.count(line) == 1 for line in SEATED.instructions)
    start_s = next(s.time_s for s in states if s.stage == "countdown")
    told_s = sum(estimate_speech_s(word) for word in words[: len(SEATED.instructions) + 1])
    assert start_s >= told_s


def test_what_cannot_be_measured_from_here_is_said_once_and_heard_before_the_countdown():
    aside = [build_pose(t / 20, camera=Camera(azimuth=32.0)) for t in range(600)]
    states = play(make_session(), aside)
    (told_s,) = times_of(states, "I can count from here, but not measure degrees.")
    words = next(word for word in said(states) if word.startswith("I can count"))
    assert next(s.time_s for s in states if s.stage == "countdown") >= told_s + estimate_speech_s(words)


def test_an_explanation_can_be_skipped():
    session = LiveSession(SEATED, Plan(2, 1, 5.0, 0.0, "left", explain=True))
    states = play(session, sit(1.0))
    session.skip()
    states += play(session, sit(1.0, 1.05))
    assert states[-1].stage == "working"


def test_who_is_placed_wrongly_is_told_before_the_explanation_goes_on():
    session = LiveSession(SEATED, Plan(2, 1, 5.0, 3.0, "left", explain=True))
    hidden = [hide(p, "left_ankle", "left_foot_index") for p in sit(20.0)]
    words = said(play(session, hidden))
    assert words[1].startswith("I can't see your left foot.")


def test_the_end_tells_what_each_leg_came_to():
    session = make_session(side="auto", countdown_s=0.0)
    states = play(session, chain(turn([30, 30]), sit(1.0), turn([24, 24], side="right")))
    left, right = states[-1].results
    assert (left.side, left.rep_count, right.side, right.rep_count) == ("left", 2, "right", 2)
    assert left.peak_deg > right.peak_deg


def test_reps_of_the_wrong_leg_do_not_bring_the_set_to_its_end():
    session = make_session(reps=2, side="auto", countdown_s=0.0)
    states = play(session, chain(turn([30]), turn([30, 30], side="right")))
    assert states[-1].stage == "working"
    assert "Finish the left leg first." in said(states)


def test_a_rest_can_be_skipped():
    session = make_session(reps=1, sets=2, countdown_s=0.0, rest_s=60.0)
    states = play(session, turn([30]))
    assert states[-1].stage == "rest"
    session.skip()
    assert play(session, sit(0.2, states[-1].time_s + 0.05))[-1].stage != "rest"


def test_the_rest_is_counted_down():
    session = make_session(reps=1, sets=2, countdown_s=0.0, rest_s=20.0)
    states = play(session, chain(turn([30]), sit(21.0)))
    left = [s.rest_left_s for s in states if s.rest_left_s is not None]
    assert left[0] == pytest.approx(20.0, abs=0.2)
    assert left == sorted(left, reverse=True)
    assert said(states).count("10 seconds.") == 1


def test_the_best_of_the_day_only_grows():
    states = play(LiveSession(SEATED, Plan(9, 1, 5.0, 0.0, "left"), {"left": 20.0}), turn([30, 34, 26]))
    best = [dict(s.best_deg)["left"] for s in states]
    assert best[0] == 20.0
    assert best == sorted(best)
    assert best[-1] == pytest.approx(34.0, abs=2.0)


# -- pausing


def test_a_raised_hand_pauses_and_resumes():
    hand_up = [raise_hand(pose) for pose in sit(1.3)]
    poses = chain(turn([30]), hand_up, turn([30], first_s=0.5), hand_up, sit(1.0), turn([30]))
    states = play(make_session(reps=9, countdown_s=0.0), poses)
    assert "paused" in stages(states)
    assert len(counted(states)) == 2
    assert stages(states)[-1] == "working"


def test_pausing_with_a_key_keeps_the_count():
    session = make_session(reps=9, countdown_s=0.0)
    states = play(session, turn([30, 30]))
    session.toggle_pause()
    states += play(session, sit(3.0, states[-1].time_s + 0.05))
    assert states[-1].stage == "paused"
    assert states[-1].progress.rep_count == 2
    session.toggle_pause()
    states += play(session, turn([30], start_s=states[-1].time_s + 0.05))
    assert states[-1].progress.rep_count == 3


def test_a_pause_does_not_shorten_the_rest():
    session = make_session(reps=1, sets=2, countdown_s=0.0, rest_s=10.0)
    states = play(session, turn([30]))
    before_s = states[-1].rest_left_s
    session.toggle_pause()
    states = play(session, sit(30.0, states[-1].time_s + 0.05))
    session.toggle_pause()
    after = play(session, sit(0.1, states[-1].time_s + 0.05))[-1]
    assert after.stage == "rest"
    assert after.rest_left_s == pytest.approx(before_s, abs=0.3)


def test_a_reset_starts_the_set_again():
    session = make_session(reps=9, countdown_s=0.0)
    states = play(session, turn([30, 30]))
    session.reset()
    states += play(session, turn([30], start_s=states[-1].time_s + 0.05))
    assert states[-1].progress.rep_count == 1
    assert session.summary(FACTS, "m").sides["left"].rep_count == 3


# -- losing sight


def test_a_lost_camera_counts_nothing_and_loses_nothing():
    poses = turn([30, 30, 30])
    gap = [pose for pose in poses if not 8.0 < pose.time_s < 9.0]
    whole = counted(play(make_session(reps=9, countdown_s=0.0), poses))
    assert len(whole) == 3
    session = make_session(reps=9, countdown_s=0.0)
    states = play(session, [p for p in gap if p.time_s <= 8.0])
    assert [s.text for s in session.lose_camera(8.0)] == ["I lost the camera. Waiting for it."]
    assert session.lose_camera(8.1) == ()
    states += play(session, [p for p in gap if p.time_s > 8.0])
    assert "The camera is back." in said(states)
    assert len(counted(states)) == 2


def test_a_rep_lost_to_a_stalled_picture_is_asked_for_again():
    poses = turn([30, 30, 30])
    stalled = [pose for pose in poses if not 7.5 < pose.time_s < 9.0]
    states = play(make_session(reps=9, countdown_s=0.0), stalled)
    assert len(counted(states)) == 2
    assert said(states).count("The picture stalled. Do that one again.") == 1
    at_rest = [pose for pose in poses if not 5.8 < pose.time_s < 6.4 and pose.time_s < 6.5]
    assert "stalled" not in " ".join(said(play(make_session(reps=9, countdown_s=0.0), at_rest)))


def test_a_long_loss_asks_for_the_start_pose_again():
    session = make_session(reps=9, countdown_s=0.0)
    states = play(session, turn([30]))
    session.lose_camera(states[-1].time_s)
    states = play(session, sit(0.3, states[-1].time_s + 30.0))
    assert states[0].stage in ("framing", "hold-still")
    assert states[-1].progress.rep_count == 1


def test_somebody_who_walks_away_is_told():
    states = play(make_session(reps=9, countdown_s=0.0), chain(turn([30]), nobody(6.0)))
    assert states[-1].stage == "working"
    assert states[-1].prompt == "Step into the picture so that your whole body is visible."
    assert states[-1].prompt in said(states)


# -- set-up


def first_advice(poses, look=LOOK, side="left", spec=SEATED):
    states = play(make_session(side=side, spec=spec), poses, look)
    assert {s.stage for s in states} == {"framing"}
    return states[-1].prompt


def test_nobody_is_asked_to_step_in():
    assert "Step into the picture" in first_advice(nobody(2.0))


def test_a_missing_foot_is_named():
    hidden = [hide(p, "right_ankle", "right_foot_index") for p in sit(2.0)]
    assert first_advice(hidden, side="auto").startswith("I can't see your right foot.")


def test_missing_feet_are_named_together():
    hidden = [hide(p, "right_ankle", "left_ankle") for p in sit(2.0)]
    assert first_advice(hidden, side="auto").startswith("I can't see your feet.")


def test_who_is_half_out_of_the_picture_is_asked_to_move():
    assert "Move back" in first_advice([shift(p, x=-560) for p in sit(2.0)], side="auto")


def test_the_dark_is_named_first():
    assert "too dark" in first_advice(sit(2.0), Look(1280, 720, 0.05))


def test_who_is_far_away_is_asked_to_come_closer():
    far = [build_pose(t / 20, camera=Camera(distance_m=30.0)) for t in range(40)]
    assert "too far away" in first_advice(far)


def test_a_camera_at_the_side_is_asked_to_move():
    aside = [build_pose(t / 20, camera=Camera(azimuth=80.0)) for t in range(40)]
    assert "knees point at the camera" in first_advice(aside)


def test_the_wrong_leg_on_top_is_asked_to_turn_over():
    spec = make_spec(working="top")
    lying = [build_pose(t / 20, camera=HEAD_RIGHT) for t in range(40)]
    assert "Turn over" in first_advice(lying, spec=spec)


def times_of(states, beginning):
    return [s.time_s for state in states for s in state.says if s.text.startswith(beginning)]


def test_advice_waits_for_the_introduction_and_is_repeated_ever_more_seldom():
    states = play(make_session(), nobody(120.0))
    introduced_s = estimate_speech_s(said(states)[0])
    times_s = times_of(states, "Step into")
    assert introduced_s <= times_s[0] <= introduced_s + 1.5
    pauses_s = [b - a for a, b in pairwise(times_s)]
    assert 5 <= pauses_s[0] <= 10
    assert all(b >= 1.8 * a or b > 55 for a, b in pairwise(pauses_s))


def test_a_short_flicker_of_the_checks_does_not_stop_the_countdown():
    poses = sit(5.0)
    poses[30:34] = [hide(p, "left_ankle") for p in poses[30:34]]
    assert "framing" not in stages(play(make_session(), poses))


# -- the same again


def test_the_same_poses_give_the_same_session():
    poses = chain(sit(4.5), turn([30, 13, 30]), nobody(1.0), turn([30, 30], side="right"))
    one, two = (play(make_session(sets=2, side="auto"), poses) for _ in range(2))
    assert [(s.stage, s.prompt, s.says, s.done) for s in one] == [
        (s.stage, s.prompt, s.says, s.done) for s in two
    ]


def test_the_summary_counts_all_turns_and_says_whether_the_plan_was_done():
    session = make_session(side="auto", countdown_s=0.0)
    play(session, chain(turn([30, 30]), sit(1.0), turn([30, 30], side="right")))
    session.finish()
    summary = session.summary(FACTS, "m")
    assert summary.complete
    assert [summary.sides[s].rep_count for s in ("left", "right")] == [2, 2]
    stopped = make_session(countdown_s=0.0)
    play(stopped, turn([30]))
    assert not stopped.summary(FACTS, "m").complete


def test_turns_without_sides_are_sets_only():
    turns = Turns(SEATED, Plan(5, 3, side="right"))
    seen = [turns.current.set_number]
    while turns.advance():
        seen.append(turns.current.set_number)
    assert seen == [1, 2, 3]
    assert turns.side == "right"
