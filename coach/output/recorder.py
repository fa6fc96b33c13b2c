"""Stores a live session while it happens; a broken database costs the history, never the session."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from coach.body.landmarks import Side
from coach.errors import InputError
from coach.exercise.spec import ExerciseSpec
from coach.live.plan import Plan
from coach.live.state import Done, LiveState
from coach.output.history import History


class Recorder:
    """Feeds states into a `History`; the session begins there when counting begins.

    `warn` is told once, in a sentence, when nothing can be stored.
    """

    def __init__(self, history: History, origin: str, model: str, warn: Callable[[str], None]) -> None:
        self._history: History | None = history
        self._origin = origin
        self._model = model
        self._warn = warn
        self._session: int | None = None

    @property
    def session(self) -> int | None:
        """Number of the session in the history, None before counting began."""
        return self._session

    def best_today(self, spec: ExerciseSpec) -> dict[Side, float]:
        """The best peak per side since midnight."""
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        found: dict[Side, float] = {}
        self._try(lambda history: found.update(history.best_since(midnight.astimezone(UTC), spec)))
        return found

    def knows(self, spec: ExerciseSpec) -> bool:
        """Whether this exercise was done before."""
        found: list[bool] = []
        self._try(lambda history: found.append(history.has_done(spec.id)))
        return any(found)

    def write(self, state: LiveState, spec: ExerciseSpec, plan: Plan) -> None:
        """Take one state."""
        if self._session is None and state.stage == "working":
            self._try(lambda history: self._start(history, spec, plan))
        self.add(state.done)

    def add(self, done: tuple[Done, ...]) -> None:
        """Store what was completed."""
        for item in done:
            self._try(partial(self._add, item))

    def finish(self, *, complete: bool) -> None:
        """The session is over; the next state begins another one."""
        session, self._session = self._session, None
        if session is not None:
            self._try(lambda history: history.end_session(session, "complete" if complete else "stopped"))

    def _start(self, history: History, spec: ExerciseSpec, plan: Plan) -> None:
        self._session = history.start_session(
            spec, self._origin, model=self._model, reps=plan.reps, sets=plan.sets
        )

    def _add(self, done: Done, history: History) -> None:
        if self._session is not None:
            history.add_event(self._session, done.set_number, done.event)

    def _try(self, action: Callable[[History], None]) -> None:
        if self._history is None:
            return
        try:
            action(self._history)
        except InputError as error:
            self._history = None
            self._warn(f"{error} This session is not stored from here on.")
