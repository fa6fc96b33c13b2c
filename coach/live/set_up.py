"""From stepping into the picture to "Go": what is still missing, the start pose held still, the countdown."""

from collections import deque
from dataclasses import dataclass
from math import ceil, nan
from typing import Final, Literal

from coach.body.landmarks import SIDES
from coach.body.pose import Pose
from coach.exercise.runner import SideChoice
from coach.exercise.setup import StartPose
from coach.exercise.spec import ExerciseSpec
from coach.live.framing import Framing, describe_limits
from coach.live.plan import Plan
from coach.live.speech import Speech
from coach.live.state import Look, SetUpCheck
from coach.live.talk import Seconds, estimate_speech_s
from coach.pipeline import Tick
from coach.rotation.estimator import BodyMeasurement

_TOLERANCE_S: Final = 0.5  # checks may fail this long without a word
_LEAD_IN_S: Final = 0.25  # poses before the still stretch that are handed to the pipeline with it
_COUNT_FIRST_S: Final = 0.7  # the last rep's number is said before what comes next
_SETTLE_S: Final = 6.0  # turning over takes a while: no advice before that


@dataclass(frozen=True, slots=True)
class Guidance:
    """What to show at one instant of the set-up, as in `LiveState`; with `go`, counting begins."""

    prompt: str
    checks: tuple[SetUpCheck, ...]
    note: str = ""
    countdown_s: int | None = None
    still_share: float = 0.0
    go: bool = False


class SetUp:
    """Guides one turn after the other to its start.  `begin` names the legs, `update` takes each instant.

    `stage` is where it is.  The time is that of `speech`, which also says what has to be said.
    """

    stage: Literal["framing", "hold-still", "countdown"]

    def __init__(self, spec: ExerciseSpec, plan: Plan, speech: Speech) -> None:
        self._spec = spec
        self._plan = plan
        self._speech = speech
        self._framing = Framing(spec)
        self._seconds = Seconds()
        self._recent: deque[Pose] = deque()
        self._since_s = nan  # when the stage began
        self._ok_s = nan  # when all checks were last right
        self._still_s = nan  # when the start pose was last still
        self._not_before_s = nan  # the next countdown: what comes next has to be heard first
        self._call = ""  # what the turn began with
        self._limits_told = False
        self.begin("auto")

    def begin(self, choice: SideChoice) -> None:
        """Another turn: these are the legs that it is for."""
        self._choice = choice
        self._start = StartPose(self._spec, (choice,) if choice == "left" or choice == "right" else SIDES)
        self.restart()

    def restart(self) -> None:
        """Look for the start pose afresh."""
        self._enter("framing")
        self._start.reset()
        self._recent.clear()

    def call_up(self, text: str, shown: str = "") -> None:
        """Say what comes next.  The countdown waits until that was heard; advice, until it can be done."""
        self._call = shown or text
        self._speech.say(text, "stage")
        if self._plan.countdown_s > 0:
            self._not_before_s = self._speech.now_s + estimate_speech_s(text) + _COUNT_FIRST_S
        self._speech.keep_advice(min(_SETTLE_S, 2 * self._plan.countdown_s))

    def check(self, body: BodyMeasurement, look: Look) -> tuple[SetUpCheck, ...]:
        """What has to be right before it can start."""
        return self._framing.check(body, look, self._choice)

    def update(self, tick: Tick, body: BodyMeasurement, look: Look) -> Guidance:
        """Take the next instant."""
        now_s = self._speech.now_s
        checks = self.check(body, look)
        self._remember(tick.raw)
        wrong = next((check for check in checks if not check.ok), None)
        explanation = self._speech.explain() if wrong is None or not tick.pose.seen else ""
        if explanation:
            return Guidance(explanation, checks)
        if wrong is None:
            self._ok_s = now_s
            if now_s < self._not_before_s:
                return Guidance(self._call, checks)
            return self._wait_for_stillness(body, checks)
        self._start.reset()
        if self.stage != "framing" and now_s - self._ok_s > _TOLERANCE_S:
            self.restart()
        if self.stage == "framing":
            self._speech.advise(wrong.advice)
        return Guidance(wrong.advice, checks)

    def take_start(self) -> list[Pose]:
        """The poses in which the start pose was just held, and shortly before."""
        poses = list(self._recent)
        self._recent.clear()
        return poses

    def _wait_for_stillness(self, body: BodyMeasurement, checks: tuple[SetUpCheck, ...]) -> Guidance:
        now_s = self._speech.now_s
        if self.stage == "framing":
            self._enter("hold-still")
        note = describe_limits(body)
        if self._start.update(body) is not None:
            self._still_s = now_s
            if note and not self._limits_told:
                self._limits_told = True
                self.call_up(note)
            elif self.stage == "hold-still":
                self._enter("countdown")
                self._seconds.reset()
        elif self.stage == "countdown" and now_s - self._still_s > _TOLERANCE_S:
            self._enter("hold-still")
        if self.stage == "hold-still":
            self._speech.advise("Take the start pose and hold still.")
            share = min(1.0, (now_s - self._since_s) / max(0.1, self._spec.start_still_s))
            return Guidance("Hold still", checks, note, still_share=share)
        left_s = self._plan.countdown_s - (now_s - self._since_s)
        if left_s <= 0.0 and self._still_s == now_s:
            return Guidance("Go!", checks, go=True)
        seconds = max(1, ceil(left_s))
        self._speech.add(*self._seconds.update(seconds, now_s))
        return Guidance("Get ready", checks, note, countdown_s=seconds, still_share=1.0)

    def _enter(self, stage: Literal["framing", "hold-still", "countdown"]) -> None:
        self.stage = stage
        self._since_s = self._speech.now_s

    def _remember(self, pose: Pose) -> None:
        """Keep the latest poses, as many as a start pose takes."""
        if not pose.seen:
            self._recent.clear()
            return
        self._recent.append(pose)
        while pose.time_s - self._recent[0].time_s > self._spec.start_still_s + _LEAD_IN_S:
            self._recent.popleft()
