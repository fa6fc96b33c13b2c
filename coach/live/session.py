"""`LiveSession`: one pose in, one `LiveState` out.  The same poses give the same session, camera or not."""

from collections.abc import Mapping
from math import isnan, nan
from typing import Final

from coach.body.landmarks import Side
from coach.body.pose import Pose, SourceFacts
from coach.body.smoothing import OneEuroSmoother
from coach.exercise.events import Event, Hold, Rep
from coach.exercise.session import SessionSummary
from coach.exercise.spec import ExerciseSpec
from coach.live.gesture import RaisedHand
from coach.live.plan import Bout, Plan, Turns
from coach.live.preview import SET_UP, make_preview_tick
from coach.live.set_up import SetUp
from coach.live.speech import Speech
from coach.live.state import Done, LiveState, Look, Progress, Say, SetUpCheck, Stage
from coach.live.talk import (
    HoldTalk,
    announce,
    ask_for_other_leg,
    count_aloud,
    explain_uncounted,
)
from coach.live.tally import Tally
from coach.pipeline import Pipeline, Tick
from coach.rotation.estimator import BodyMeasurement, measure_body

LONG_GAP_S: Final = 10.0
"""After more than this without a picture the start pose has to be taken up again."""

_UNSEEN_S: Final = 1.5
_AT_REST: Final = (SET_UP, "ready")
_IDLE_S: Final = 15.0


class LiveSession:
    """Guides into the start pose, counts down, counts, changes legs, rests, and ends.

    `update` takes each pose as it comes; `toggle_pause`, `reset` and `skip` are what people can ask for.
    What has to be said and stored comes with the states, once each.
    """

    def __init__(self, spec: ExerciseSpec, plan: Plan, best_deg: Mapping[Side, float] | None = None) -> None:
        """`best_deg` is what was reached earlier today."""
        self._spec = spec
        self._plan = plan
        self._turns = Turns(spec, plan)
        self._pipeline = Pipeline(spec, self._turns.current.choice, OneEuroSmoother())
        self._preview = OneEuroSmoother()
        self._hand = RaisedHand()
        self._speech = Speech(spec, explain=plan.explain)
        self._set_up = SetUp(spec, plan, self._speech)
        self._hold_talk = HoldTalk(spec.hold.target_s) if spec.hold else None
        self._tally = Tally(spec, plan, self._turns, best_deg or {})
        self._stage: Stage = "framing"
        self._paused_from: Stage | None = None
        self._paused_s = nan
        self._now_s = nan
        self._seen_s = nan
        self._rest_until_s = nan
        self._active_s = nan  # when something was last done that counts
        self._ten_said = False
        self._cue: str | None = None
        self._moving = False  # whether a rep is under way
        self._lost = False
        self._done: list[Done] = []
        self._begin_turn()

    @property
    def stage(self) -> Stage:
        """Where the session is."""
        return self._stage

    @property
    def complete(self) -> bool:
        """Whether the whole plan was done."""
        return self._stage == "finished"

    @property
    def found_anybody(self) -> bool:
        """Whether anything was counted on: a person was seen in the working part."""
        return self._pipeline.found_anybody

    def update(self, pose: Pose, look: Look) -> LiveState:
        """Take the next pose and the facts of its picture."""
        self._step(pose.time_s)
        if pose.seen:
            self._seen_s = pose.time_s
        if self._hand.update(pose) and self._stage not in ("framing", "finished"):
            self.toggle_pause()
        if self._stage == "working":
            return self._work(pose, look)
        raw, smooth = self._preview.update(pose)[0]
        body = measure_body(smooth, self._spec.reading)
        tick = make_preview_tick(raw, body)
        if self._stage == "rest":
            return self._rest(tick)
        if self._stage in ("paused", "finished"):
            return self._state(tick, "Well done" if self._stage == "finished" else "Raise a hand to go on.")
        return self._guide(tick, body, look)

    def lose_camera(self, time_s: float) -> tuple[Say, ...]:
        """No picture comes any more; the session waits.  Returns what to say about it, once."""
        if self._lost:
            return ()
        self._lost = True
        return (Say("I lost the camera. Waiting for it.", "stop", time_s),)

    def toggle_pause(self) -> None:
        """Pause, or go on: through the start pose when it was counting, straight on when it was resting."""
        if self._stage == "finished":
            return
        if self._stage != "paused":
            self._paused_from, self._paused_s = self._stage, self._now_s
            self._enter("paused")
            self._speech.say("Paused.", "stop")
            return
        if self._paused_from == "rest":
            self._rest_until_s += self._now_s - self._paused_s
            self._enter("rest")
        else:
            self._enter("framing")
        self._speech.say("Going on.", "stop")

    def reset(self) -> None:
        """Start this set again from zero; what was done stays stored."""
        if self._stage != "finished":
            self._close_turn()
            self._begin_turn()
            self._speech.say("Set starts again.", "stage")

    def skip(self) -> None:
        """End a rest, or the explanation, early."""
        self._speech.skip_introduction()
        if self._stage == "rest":
            self._rest_until_s = self._now_s

    def finish(self) -> tuple[Done, ...]:
        """The session is over, done or not: what was still under way and has something to report."""
        number = self._turns.current.set_number
        return tuple(Done(number, event) for event in self._pipeline.restart(self._turns.current.choice))

    def summary(self, source: SourceFacts, model: str) -> SessionSummary:
        """What it came to; incomplete when the plan was not done."""
        return self._pipeline.summary(source, model, complete=self.complete)

    # -- the stages

    def _guide(self, tick: Tick, body: BodyMeasurement, look: Look) -> LiveState:
        guidance = self._set_up.update(tick, body, look)
        if guidance.go:
            return self._go(tick)
        self._stage = self._set_up.stage
        return self._state(
            tick,
            guidance.prompt,
            note=guidance.note,
            checks=guidance.checks,
            countdown_s=guidance.countdown_s,
            still_share=guidance.still_share,
        )

    def _go(self, tick: Tick) -> LiveState:
        """Start counting: the still stretch just seen becomes the pipeline's start pose."""
        self._enter("working")
        self._active_s = self._now_s
        self._speech.say("Go.", "count")
        ticks = [t for pose in self._set_up.take_start() for t in self._pipeline.update(pose)]
        return self._state(ticks[-1] if ticks else tick, "Go!")

    def _work(self, pose: Pose, look: Look) -> LiveState:
        tick = self._pipeline.update(pose)[-1]
        self._moving = any(tick.sides[side].phase not in _AT_REST for side in tick.working)
        if tick.events or self._moving:
            self._active_s = self._now_s
        self._note_events(tick.events)
        if tick.cue != self._cue:
            self._cue = tick.cue
            if tick.cue:
                self._speech.say(tick.cue, "cue")
        hold = self._find_hold(tick)
        if self._hold_talk is not None:
            self._speech.add(*self._hold_talk.update(hold[0] if hold else 0.0, self._now_s))
        prompt = tick.cue or self._find_trouble(tick, look)
        if not tick.cue:
            self._speech.advise(prompt)
        progress = self._tally.progress()
        if progress.rep_count >= progress.rep_target:
            self._end_turn()
        return self._state(tick, prompt, is_cue=bool(tick.cue), hold=hold, progress=progress)

    def _rest(self, tick: Tick) -> LiveState:
        left_s = self._rest_until_s - self._now_s
        if left_s <= 0.0:
            self._enter("framing")
            following = self._announce(self._turns.current)
            self._set_up.call_up(f"Back into the start pose. {following}", following)
            return self._state(tick, "Back into the start pose")
        if left_s <= 10 and self._plan.rest_s > 15 and not self._ten_said:
            self._ten_said = True
            self._speech.say("10 seconds.", "stage")
        return self._state(tick, "Rest", note=self._announce(self._turns.current), rest_left_s=left_s)

    # -- turns

    def _begin_turn(self) -> None:
        self._tally.begin_turn()
        self._ten_said = False
        self._set_up.begin(self._turns.current.choice)
        self._enter("framing")

    def _close_turn(self) -> None:
        number = self._turns.current.set_number
        ended = self._pipeline.restart(self._turns.current.choice)
        self._done += [Done(number, event) for event in ended]

    def _end_turn(self) -> None:
        """The set's reps are done: the other leg, a rest, or the end."""
        before = self._turns.current
        following = self._turns.advance()
        ended = self._pipeline.restart(following.choice if following else before.choice)
        self._done += [Done(before.set_number, event) for event in ended]
        if following is None:
            self._enter("finished")
            self._speech.say("That was the last one. Well done.", "stage")
            return
        self._begin_turn()
        if following.set_number == before.set_number and self._turns.side is not None:
            self._set_up.call_up(ask_for_other_leg(self._turns.side, self._spec))
        elif self._plan.rest_s > 0:
            self._enter("rest")
            self._rest_until_s = self._now_s + self._plan.rest_s
            self._speech.say(f"Rest for {self._plan.rest_s:.0f} seconds.", "stage")
        else:
            self._set_up.call_up(self._announce(following))

    def _note_events(self, events: tuple[Event, ...]) -> None:
        number = self._turns.current.set_number
        self._done += [Done(number, event) for event in events]
        for event in events:
            if isinstance(event, Rep):
                self._note_rep(event)
            elif isinstance(event, Hold) and not event.completed:
                self._speech.remark_hold(event)

    def _note_rep(self, rep: Rep) -> None:
        if not rep.valid:
            self._speech.add(explain_uncounted(rep, self._spec, self._now_s))
            return
        raised, side = self._tally.note(rep), self._turns.side
        if side is not None and rep.side != side:
            self._speech.say(f"Finish the {side} leg first.", "stage")
        elif raised:
            self._speech.add(count_aloud(self._tally.count, self._plan.reps, self._now_s))

    # -- bits

    def _step(self, time_s: float) -> None:
        gap_s = time_s - self._now_s
        self._now_s = self._speech.now_s = time_s
        if isnan(gap_s):
            self._speech.introduce()
        if self._lost:
            self._lost = False
            self._speech.say("The camera is back.", "stop")
        elif self._stage == "working" and self._moving and gap_s > self._spec.rep.bridge_s:
            self._speech.say("The picture stalled. Do that one again.", "stage")
        if gap_s > LONG_GAP_S and self._stage in ("working", "countdown", "hold-still"):
            self._enter("framing")

    def _enter(self, stage: Stage) -> None:
        self._stage = stage
        self._cue = None
        if stage == "framing":
            self._set_up.restart()

    def _find_trouble(self, tick: Tick, look: Look) -> str:
        """Why nothing can be counted at the moment; empty when it can."""
        if not tick.pose.seen and self._now_s - self._seen_s < _UNSEEN_S:
            return ""
        waiting = all(side.phase == SET_UP for side in tick.sides.values())
        if tick.pose.seen and not waiting:
            return self._describe_idleness()
        checks = self._set_up.check(measure_body(tick.pose, self._spec.reading), look)
        wrong = next((check.advice for check in checks if not check.ok), "")
        return wrong or "Take the start pose again and hold still."

    def _describe_idleness(self) -> str:
        """What to say to somebody who was asked to move and is not seen to; empty when all is well."""
        if self._now_s - self._active_s < _IDLE_S:
            return ""
        side = self._turns.side
        return f"I don't see {f'your {side} leg' if side else 'you'} move. Go on, or raise a hand to pause."

    def _find_hold(self, tick: Tick) -> tuple[float, float] | None:
        held_s = max((state.held_s for state in tick.sides.values()), default=0.0)
        target_s = self._spec.hold_target_s
        return (held_s, target_s) if held_s > 0.0 and target_s else None

    def _announce(self, bout: Bout) -> str:
        return announce(bout, self._plan.sets, self._spec)

    def _state(
        self,
        tick: Tick,
        prompt: str,
        *,
        is_cue: bool = False,
        note: str = "",
        checks: tuple[SetUpCheck, ...] = (),
        countdown_s: int | None = None,
        rest_left_s: float | None = None,
        still_share: float = 0.0,
        hold: tuple[float, float] | None = None,
        progress: Progress | None = None,
    ) -> LiveState:
        done, self._done = tuple(self._done), []
        return LiveState(
            self._now_s,
            self._stage,
            tick,
            progress or self._tally.progress(),
            prompt,
            is_cue,
            note,
            countdown_s,
            rest_left_s,
            still_share,
            hold,
            tuple(self._tally.best_deg.items()),
            checks,
            self._tally.results() if self._stage == "finished" else (),
            self._speech.take(),
            done,
        )
