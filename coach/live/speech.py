"""What is to be said, and when: guidance waits for its turn, everything else is said at once."""

from math import nan
from typing import Final

from coach.exercise.events import Hold
from coach.exercise.spec import ExerciseSpec
from coach.live.state import Say, SpeechKind
from coach.live.talk import Advice, Introduction, describe_short_hold, estimate_speech_s, merge_says

_HOLD_REMARK_S: Final = 10.0


class Speech:
    """Collects what is to be said; `now_s` is the session's clock, set by the session, and `take` hands over.

    How long things take to say is estimated, so that the same poses give the same words with any voice.
    """

    def __init__(self, spec: ExerciseSpec, *, explain: bool) -> None:
        self.now_s = nan
        self._explain = explain
        self._says: list[Say] = []
        self._advice = Advice()
        self._introduction = Introduction(spec, whole=explain)
        self._explained_s = nan  # the end of the sentence about the exercise
        self._busy_until_s = nan
        self._advise_from_s = nan
        self._hold_remark_s = nan

    def say(self, text: str, kind: SpeechKind) -> None:
        """Say this about what happened just now."""
        self._says.append(Say(text, kind, self.now_s))

    def add(self, *says: Say) -> None:
        """The same, put into words elsewhere."""
        self._says += says

    def advise(self, text: str) -> None:
        """Take the guidance that holds now; it is said once it has stood for a moment and nothing else is."""
        free = self._is_free() and not self._says and not self.now_s < self._advise_from_s
        self._says += self._advice.update(text, self.now_s, free=free)

    def keep_advice(self, seconds: float) -> None:
        """No advice for a while: what was asked for takes time to be done."""
        self._advise_from_s = self.now_s + seconds

    def introduce(self) -> None:
        """Say the next sentence about the exercise."""
        say = self._introduction.take(self.now_s)
        self._says.append(say)
        self._explained_s = self.now_s + estimate_speech_s(say.text)

    def explain(self) -> str:
        """Go on explaining the exercise; the sentence to show, empty when that is done or not wanted."""
        if self._introduction.pending and self._is_free() and not self._says:
            self.introduce()
        return self._introduction.current if self._explain and self.now_s < self._explained_s else ""

    def skip_introduction(self) -> None:
        """Leave out what is left of the explanation."""
        self._introduction.skip()
        self._explained_s = nan

    def remark_hold(self, hold: Hold) -> None:
        """A hold ended early.  Not said each time: both legs may hold, and it may happen every time."""
        if not self.now_s - self._hold_remark_s < _HOLD_REMARK_S:
            self._hold_remark_s = self.now_s
            self._says.append(describe_short_hold(hold, self.now_s))

    def take(self) -> tuple[Say, ...]:
        """What is to be said because of this instant."""
        says, self._says = tuple(self._says), []
        spoken = merge_says(says)
        if spoken is not None:
            self._busy_until_s = self.now_s + estimate_speech_s(spoken.text)
        return says

    def _is_free(self) -> bool:
        return not self.now_s < self._busy_until_s
