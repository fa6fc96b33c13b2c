"""What a live session shows and says at one instant: plain records, the same for window, page and stdout."""

from dataclasses import dataclass
from typing import Literal

from coach.body.landmarks import Side
from coach.exercise.events import Event
from coach.pipeline import Tick

Stage = Literal["framing", "hold-still", "countdown", "working", "paused", "rest", "finished"]

SpeechKind = Literal["stop", "count", "stage", "cue", "guide"]
"""What a sentence is for, most urgent first: pause and stop, numbers, what comes next, form, set-up help."""


@dataclass(frozen=True, slots=True)
class Say:
    """Something to say out loud; `time_s` is when the event behind it happened."""

    text: str
    kind: SpeechKind
    time_s: float


@dataclass(frozen=True, slots=True)
class Look:
    """What the engine has to know about the picture itself.

    brightness  mean luma, 0..1, NaN where nobody measured it
    """

    width_px: int
    height_px: int
    brightness: float = float("nan")


@dataclass(frozen=True, slots=True)
class SetUpCheck:
    """One thing that has to be right before it can start: "light", "whole body", "distance", "view", "pose".

    `advice` says what to do when it is not.
    """

    name: str
    ok: bool
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where in the session we are.

    set_number   1 ... `sets`
    side         the leg that this set is for, None until it is known
    rep_count    valid reps of this set, `rep_target` of them are wanted
    """

    set_number: int
    sets: int
    side: Side | None
    rep_count: int
    rep_target: int


@dataclass(frozen=True, slots=True)
class Done:
    """A rep, hold or fault that was completed, and in which set."""

    set_number: int
    event: Event


@dataclass(frozen=True, slots=True)
class Result:
    """What one leg came to in the whole session: valid reps, and the peak of its best one, NaN if unknown."""

    side: Side
    rep_count: int
    peak_deg: float
    peak_sd_deg: float


@dataclass(frozen=True, slots=True)
class LiveState:
    """One instant of a live session.

    tick          the pose and both legs, for drawing
    prompt        the one line to show: guidance, or the cue that matters; empty for none
    is_cue        whether `prompt` is a correction of form
    note          a second, smaller line: what cannot be measured from here, or what follows
    countdown_s   whole seconds until counting starts, None when no countdown runs
    rest_left_s   seconds of rest left, None outside a rest
    still_share   0..1 of the time that the start pose has to be held
    hold          (seconds held, target) of the hold under way, None when there is none
    best_deg      rotation at the best rep's peak today, per side, internal positive
    checks        the set-up checks, empty once counting
    results       what each leg came to, once the plan is done
    says, done    what has to be said and stored because of this instant
    """

    time_s: float
    stage: Stage
    tick: Tick
    progress: Progress
    prompt: str
    is_cue: bool = False
    note: str = ""
    countdown_s: int | None = None
    rest_left_s: float | None = None
    still_share: float = 0.0
    hold: tuple[float, float] | None = None
    best_deg: tuple[tuple[Side, float], ...] = ()
    checks: tuple[SetUpCheck, ...] = ()
    results: tuple[Result, ...] = ()
    says: tuple[Say, ...] = ()
    done: tuple[Done, ...] = ()
