"""The coach's words: what is said when, and only once."""

from collections.abc import Sequence
from math import isnan, nan
from typing import Final

from coach.exercise.events import Rep
from coach.exercise.spec import ExerciseSpec
from coach.live.plan import Bout
from coach.live.state import Say, SpeechKind

_SETTLED_S: Final = 0.8  # advice that changes faster than this is not worth saying
_REPEAT_S: Final = 8.0  # advice that is not followed is said again
_LAST_SECONDS: Final = 3
_HOLD_SAID_S: Final = 0.8  # "Hold" itself takes this long
_IN_TIME_SHARE: Final = 0.5
_WORDS: Final = ("", "One", "Two", "Three")
_TEMPO: Final = "tempo"
_ORDER: Final[dict[SpeechKind, int]] = {"stop": 0, "count": 1, "stage": 2, "cue": 3, "guide": 4}


class Advice:
    """Says a line of guidance once it has stood for a moment, and again when nothing happens."""

    def __init__(self) -> None:
        self._text = ""
        self._since_s = nan
        self._said_s = nan

    def update(self, text: str, time_s: float) -> list[Say]:
        """Take the line shown now; returns it when it is time to say it."""
        if text != self._text:
            self._text, self._since_s, self._said_s = text, time_s, nan
        if not text or time_s - self._since_s < _SETTLED_S:
            return []
        if not isnan(self._said_s) and time_s - self._said_s < _REPEAT_S:
            return []
        self._said_s = time_s
        return [Say(text, "guide", time_s)]


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
