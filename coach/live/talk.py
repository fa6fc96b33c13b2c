"""The coach's words: what is said when, and only once."""

from collections.abc import Sequence
from math import isnan, nan
from typing import Final

from coach.body.landmarks import Side
from coach.exercise.events import Hold, Rep
from coach.exercise.spec import ExerciseSpec
from coach.live.plan import Bout
from coach.live.state import Say, SpeechKind

_SETTLED_S: Final = 0.8  # advice that changes faster than this is not worth saying
_REPEAT_S: Final = 8.0  # advice that is not followed is said again, each time after twice as long ...
_SELDOM_S: Final = 60.0  # ... up to this
_BREATH_S: Final = 0.5
_PER_LETTER_S: Final = 0.057  # espeak-ng at 165 words a minute: 1 to 121 letters within 0.4 s
_LAST_SECONDS: Final = 3
_HOLD_SAID_S: Final = 0.8  # "Hold" itself takes this long
_IN_TIME_SHARE: Final = 0.5
_WORDS: Final = ("", "One", "Two", "Three")
_TEMPO: Final = "tempo"
_ORDER: Final[dict[SpeechKind, int]] = {"stop": 0, "count": 1, "stage": 2, "cue": 3, "guide": 4}


def estimate_speech_s(text: str) -> float:
    """About how long saying this takes: guidance waits for it rather than being dropped as late."""
    return _BREATH_S + _PER_LETTER_S * len(text)


class Advice:
    """Says a line of guidance once it has stood for a moment, and ever more seldom when nothing happens."""

    def __init__(self) -> None:
        self._text = ""
        self._since_s = nan
        self._again_s = nan
        self._pause_s = _REPEAT_S

    def update(self, text: str, time_s: float, *, free: bool = True) -> list[Say]:
        """Take the line shown now; returns it when it is time to say it, and nothing else is being said."""
        if text != self._text:
            self._text, self._since_s, self._again_s = text, time_s, nan
            self._pause_s = _REPEAT_S
        if not text or not free or time_s - self._since_s < _SETTLED_S:
            return []
        if not isnan(self._again_s) and time_s < self._again_s:
            return []
        self._again_s = time_s + self._pause_s
        self._pause_s = min(_SELDOM_S, 2 * self._pause_s)
        return [Say(text, "guide", time_s)]


class Introduction:
    """The exercise in sentences, one after the other."""

    def __init__(self, spec: ExerciseSpec, *, whole: bool) -> None:
        """`whole` also tells where the camera goes and how the movement is done."""
        self._left = [f"{spec.name}. {spec.instructions[0]}"]
        if whole:
            self._left = [f"{spec.name}. Camera: {spec.camera_place}", *spec.instructions]
        self.current = ""

    @property
    def pending(self) -> bool:
        """Whether something has not been said yet."""
        return bool(self._left)

    def take(self, time_s: float) -> Say:
        """The next sentence, to be said now."""
        self.current = self._left.pop(0)
        return Say(self.current, "guide", time_s)

    def skip(self) -> None:
        """Leave out the rest."""
        self._left.clear()


class Seconds:
    """Counts down the last seconds of something, each once."""

    def __init__(self, last: int = _LAST_SECONDS) -> None:
        self._last = last
        self._said = last + 1

    def reset(self) -> None:
        """Start anew."""
        self._said = self._last + 1

    def update(self, left: int, time_s: float, kind: SpeechKind = "count") -> list[Say]:
        """Take the whole seconds left."""
        if not 0 < left < self._said or left > self._last:
            return []
        self._said = left
        return [Say(str(left), kind, time_s)]


class HoldTalk:
    """Tells when a hold starts, counts down its end, and tells when it is done."""

    def __init__(self, target_s: float) -> None:
        self._target_s = target_s
        self._seconds = Seconds()
        self._held_s = 0.0
        self._half_said = False

    def update(self, held_s: float, time_s: float) -> list[Say]:
        """Take the seconds held so far, 0 for no hold."""
        before, self._held_s = self._held_s, held_s
        if held_s <= 0.0:
            self._seconds.reset()
            self._half_said = False
            return []
        if before <= 0.0:
            return [Say("Hold.", "count", time_s)]
        if before < self._target_s <= held_s:
            return [Say("And release.", "count", time_s)]
        if self._target_s >= 20.0 and not self._half_said and held_s >= 0.5 * self._target_s:
            self._half_said = True
            return [Say(f"{self._target_s - held_s:.0f} seconds left.", "stage", time_s)]
        left_s = self._target_s - held_s
        late = left_s % 1.0 < _IN_TIME_SHARE  # too close to the next number to be said before it
        if left_s <= 0 or held_s < _HOLD_SAID_S or late:
            return []
        return self._seconds.update(int(left_s) + 1, time_s)


def count_aloud(count: int, target: int, time_s: float) -> Say:
    """The number of a valid rep; towards the end also how many are left."""
    left = target - count
    more = f". {_WORDS[left]} more." if 1 <= left <= 2 and target >= 5 else ""
    return Say(f"{count}{more}", "count", time_s)


def explain_uncounted(rep: Rep, spec: ExerciseSpec, time_s: float) -> Say:
    """Why a rep was not counted."""
    if _TEMPO in rep.faults:
        return Say("Not counted. Slower, please.", "cue", time_s)
    for fault in spec.faults:
        if fault.voids_rep and fault.id in rep.faults:
            return Say(f"Not counted. {fault.cue}", "cue", time_s)
    return Say("Not counted. Only as far as is comfortable, but all the way back.", "cue", time_s)


def describe_short_hold(hold: Hold, time_s: float) -> Say:
    """A hold that ended before its time.  A correction: the next hold's "Hold." does not wait for its end."""
    return Say(f"Hold it longer: {hold.target_s:.0f} seconds.", "cue", time_s)


def ask_for_other_leg(side: Side, spec: ExerciseSpec) -> str:
    """What to do when the turn goes over to this leg."""
    return {
        "top": f"Turn over. {side.capitalize()} leg on top.",
        "nearer": f"Turn round. {side.capitalize()} side to the camera.",
        "standing": f"Change legs. Stand on your {side} leg.",
    }.get(spec.working, f"Change legs. Now the {side} leg.")


def announce(bout: Bout, sets: int, spec: ExerciseSpec) -> str:
    """What comes next, as a sentence: the set, the leg."""
    legs = {"left": "left leg", "right": "right leg", "auto": "either leg", "both": "both legs"}
    leg = legs[bout.choice]
    if spec.working == "top" and bout.choice in ("left", "right"):
        leg += " on top"
    if spec.working == "standing" and bout.choice in ("left", "right"):
        leg = f"standing on the {leg}"
    return f"Set {bout.set_number} of {sets}, {leg}." if sets > 1 else f"{leg.capitalize()}."


def merge_says(says: Sequence[Say]) -> Say | None:
    """What happened in one instant as one sentence, so that nothing of it has to wait for its turn.

    A stop stands alone; set-up guidance gives way to everything else.
    """
    if not says:
        return None
    stops = [say for say in says if say.kind == "stop"]
    if stops:
        return stops[-1]
    spoken = sorted((say for say in says if say.kind != "guide"), key=lambda say: _ORDER[say.kind])
    chosen = spoken or list(says)
    text = " ".join(say.text if say.text.endswith(".") else f"{say.text}." for say in chosen)
    return Say(text if len(chosen) > 1 else chosen[0].text, chosen[0].kind, chosen[0].time_s)
