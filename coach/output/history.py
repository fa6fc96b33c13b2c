"""The history: every session as it happens, in SQLite in the user's data folder or wherever a URL points.

Each rep is committed by itself and reaches the disk before the next one begins, so a crash or a power cut
loses at most the rep under way.  No pictures are kept.
"""

import contextlib
import json
import math
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import sqlalchemy as sa
from platformdirs import user_data_path

from coach import __version__
from coach.body.landmarks import SIDES, Side
from coach.errors import InputError
from coach.exercise.events import Event, Fault, Hold, Rep
from coach.exercise.session import SessionSummary
from coach.exercise.spec import ExerciseSpec
from coach.output.history_tables import FAULTS, HOLDS, METADATA, REPS, SCHEMA, SESSIONS, SETTINGS

DATABASE_VARIABLE: Final = "COACH_DATABASE"
_FILE_NAME: Final = "history.sqlite3"
_BUSY_S: Final = 5.0
_CONNECT_S: Final = 5

Status = Literal["running", "complete", "stopped"]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session in the list.

    started_at  UTC
    status      "complete" when the whole plan was done, "stopped" when it was ended before, "running" while
                it lasts; one that stays "running" was cut off
    reps        valid ones per side
    best_deg    (median peak rotation of the valid reps, its standard deviation) per side, where measured
    """

    id: int
    started_at: datetime
    ended_at: datetime | None
    exercise: str
    origin: str
    status: str
    reps: dict[Side, int]
    best_deg: dict[Side, tuple[float, float]]


def default_url() -> str:
    """Where the history is: `COACH_DATABASE`, or a file in the user's data folder."""
    from_environment = os.environ.get(DATABASE_VARIABLE, "").strip()
    if from_environment:
        return from_environment
    return f"sqlite:///{user_data_path('hip-coach', appauthor=False) / _FILE_NAME}"


class History:
    """The database.  Errors of any database come out as `InputError` with a plain sentence.

    Used as a context manager; opening creates the tables where they are not there yet.
    """

    def __init__(self, url: str | None = None) -> None:
        self._url = url or default_url()
        try:
            self._engine = _make_engine(self._url)
        except (sa.exc.ArgumentError, ImportError, OSError) as error:
            raise _explain(self._url, error) from error
        with self._translated():
            METADATA.create_all(self._engine)
            self._check_schema()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; idempotent."""
        self._engine.dispose()

    # -- writing

    def start_session(
        self, spec: ExerciseSpec, origin: str, *, model: str, reps: int | None = None, sets: int | None = None
    ) -> int:
        """Begin a session; returns its number.  `origin` names the camera or file."""
        row = {
            "started_at": datetime.now(UTC),
            "exercise": spec.id,
            "direction": spec.phases[0].direction,
            "origin": origin,
            "model": model,
            "tool_version": __version__,
            "status": "running",
            "target_reps": reps,
            "target_sets": sets,
        }
        with self._translated(), self._engine.begin() as connection:
            key = connection.execute(sa.insert(SESSIONS).values(**row)).inserted_primary_key
            assert key is not None
            return int(key[0])

    def add_event(self, session: int, set_number: int, event: Event) -> None:
        """Store a rep, hold or fault; it is safe on the disk when this returns."""
        table, row = _event_row(event)
        with self._translated(), self._engine.begin() as connection:
            connection.execute(sa.insert(table).values(session_id=session, set_number=set_number, **row))

    def end_session(self, session: int, status: Status) -> None:
        """Close a session."""
        change = sa.update(SESSIONS).where(SESSIONS.c.id == session)
        with self._translated(), self._engine.begin() as connection:
            connection.execute(change.values(ended_at=datetime.now(UTC), status=status))

    def add_summary(self, summary: SessionSummary, spec: ExerciseSpec) -> int:
        """Store a finished analysis as one session, all or nothing in effect: it is closed last."""
        session = self.start_session(spec, summary.source.name, model=summary.model)
        events: list[Event] = []
        for side in SIDES:
            events += [*summary.sides[side].reps, *summary.sides[side].holds]
        for event in (*events, *summary.faults):
            self.add_event(session, 1, event)
        self.end_session(session, "complete" if summary.complete else "stopped")
        return session

    def delete(self, session: int) -> None:
        """Delete one session for good.  Raises `InputError` when there is none with this number."""
        with self._translated(), self._engine.begin() as connection:
            for table in (REPS, HOLDS, FAULTS):
                connection.execute(sa.delete(table).where(table.c.session_id == session))
            if connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.id == session)).rowcount == 0:
                raise InputError(f"There is no session {session}. See: coach history.")

    def delete_all(self) -> int:
        """Delete everything; returns how many sessions there were."""
        with self._translated(), self._engine.begin() as connection:
            for table in (REPS, HOLDS, FAULTS):
                connection.execute(sa.delete(table))
            return int(connection.execute(sa.delete(SESSIONS)).rowcount)

    # -- reading

    def sessions(self, exercise: str | None = None) -> list[SessionRow]:
        """All sessions, oldest first."""
        query = sa.select(SESSIONS).order_by(SESSIONS.c.started_at, SESSIONS.c.id)
        if exercise is not None:
            query = query.where(SESSIONS.c.exercise == exercise)
        with self._translated(), self._engine.connect() as connection:
            reps: dict[int, list[Any]] = {}
            for rep in connection.execute(sa.select(REPS).where(REPS.c.valid)):
                reps.setdefault(rep.session_id, []).append(rep)
            return [_session_row(row, reps.get(row.id, [])) for row in connection.execute(query)]

    def best_since(self, moment: datetime, spec: ExerciseSpec) -> dict[Side, float]:
        """The best peak per side since then, in the exercise's own direction; internal rotation positive."""
        wanted = sa.func.max if spec.phases[0].direction == "increase" else sa.func.min
        query = (
            sa.select(REPS.c.side, wanted(REPS.c.peak_deg))
            .join(SESSIONS, SESSIONS.c.id == REPS.c.session_id)
            .where(SESSIONS.c.exercise == spec.id, SESSIONS.c.started_at >= moment)
            .where(REPS.c.valid, REPS.c.peak_deg.is_not(None))
            .group_by(REPS.c.side)
        )
        with self._translated(), self._engine.connect() as connection:
            found = {str(side): float(best) for side, best in connection.execute(query)}
        return {side: found[side] for side in SIDES if side in found}

    def has_done(self, exercise: str) -> bool:
        """Whether a rep of this exercise was ever counted."""
        query = (
            sa.select(REPS.c.id)
            .join(SESSIONS, SESSIONS.c.id == REPS.c.session_id)
            .where(SESSIONS.c.exercise == exercise, REPS.c.valid)
            .limit(1)
        )
        with self._translated(), self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def export(self, session: int | None = None) -> list[dict[str, Any]]:
        """Everything as plain data, oldest first: sessions with their reps, holds and faults."""
        query = sa.select(SESSIONS).order_by(SESSIONS.c.id)
        if session is not None:
            query = query.where(SESSIONS.c.id == session)
        with self._translated(), self._engine.connect() as connection:
            found = [_plain(row) for row in connection.execute(query)]
            for item in found:
                for name, table in (("reps", REPS), ("holds", HOLDS), ("faults", FAULTS)):
                    rows = sa.select(table).where(table.c.session_id == item["id"]).order_by(table.c.id)
                    item[name] = [_plain(row) for row in connection.execute(rows)]
        if session is not None and not found:
            raise InputError(f"There is no session {session}. See: coach history.")
        return found

    # -- small things remembered

    def setting(self, name: str) -> str | None:
        """A remembered value, None when there is none."""
        query = sa.select(SETTINGS.c.value).where(SETTINGS.c.name == name)
        with self._translated(), self._engine.connect() as connection:
            value = connection.execute(query).scalar_one_or_none()
            return None if value is None else str(value)

    def remember(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        with self._translated(), self._engine.begin() as connection:
            connection.execute(sa.delete(SETTINGS).where(SETTINGS.c.name == name))
            connection.execute(sa.insert(SETTINGS).values(name=name, value=value))

    def _check_schema(self) -> None:
        known = self.setting("schema")
        if known is None:
            self.remember("schema", str(SCHEMA))
        elif known != str(SCHEMA):
            raise InputError(
                f"The history was written by another version of coach (schema {known}, expected {SCHEMA}). "
                f"Update coach, or point {DATABASE_VARIABLE} to another database."
            )

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise _explain(self._url, error) from error


def _make_engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # Its own limit is minutes, during which a session could not begin.
        limit = {"connect_timeout": _CONNECT_S} if parsed.get_driver_name().startswith("psycopg") else {}
        return sa.create_engine(parsed, pool_pre_ping=True, connect_args=limit)
    if parsed.database and parsed.database != ":memory:":
        folder = Path(parsed.database).expanduser().parent
        folder.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": _BUSY_S})
    sa.event.listen(engine, "connect", _make_safe)
    return engine


def _make_safe(connection: sqlite3.Connection, _record: object) -> None:
    """Committed means written to the disk; a reader does not stop a writer."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _explain(url: str, error: Exception) -> InputError:
    try:
        shown = sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return InputError(
            f"{DATABASE_VARIABLE} is not a database URL. Expected something like sqlite:////folder/file or "
            "postgresql+psycopg://user@host/name."
        )
    if isinstance(error, ImportError):
        return InputError(f"The history is at {shown}, but its driver is missing: pip install {error.name}.")
    why = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error).splitlines()[0]
    damaged = any(word in why for word in ("not a database", "malformed"))
    remedy = " Move that file away, and a new history begins." if damaged else ""
    return InputError(f"The history at {shown} cannot be used: {why.rstrip('.')}.{remedy}")


def _event_row(event: Event) -> tuple[sa.Table, dict[str, Any]]:
    if isinstance(event, Rep):
        return REPS, {
            "side": event.side,
            "start_s": event.start_s,
            "peak_s": event.peak_s,
            "end_s": event.end_s,
            "peak_deg": _known(event.peak_deg),
            "peak_sd_deg": _known(event.peak_sd_deg),
            "valid": event.valid,
            "faults": json.dumps(event.faults),
        }
    if isinstance(event, Hold):
        return HOLDS, {
            "side": event.side,
            "start_s": event.start_s,
            "end_s": event.end_s,
            "held_s": event.held_s,
            "target_s": event.target_s,
            "completed": event.completed,
        }
    assert isinstance(event, Fault)
    return FAULTS, {
        "fault": event.id,
        "side": event.side,
        "start_s": event.start_s,
        "end_s": event.end_s,
        "cue": event.cue,
        "severity": event.severity,
    }


def _known(value: float) -> float | None:
    """A number for the database, which has no NaN."""
    return value if math.isfinite(value) else None


def _session_row(row: Any, reps: Sequence[Any]) -> SessionRow:
    counts: dict[Side, int] = {side: sum(rep.side == side for rep in reps) for side in SIDES}
    best = {}
    for side in SIDES:
        peaks = sorted(
            (rep.peak_deg, rep.peak_sd_deg) for rep in reps if rep.side == side and rep.peak_deg is not None
        )
        if peaks:
            best[side] = peaks[len(peaks) // 2]
    return SessionRow(
        row.id,
        _as_utc(row.started_at),
        _as_utc(row.ended_at) if row.ended_at else None,
        row.exercise,
        row.origin,
        row.status,
        counts,
        best,
    )


def _as_utc(moment: datetime) -> datetime:
    """SQLite forgets the time zone."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _plain(row: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in row._mapping.items():
        if name == "session_id":
            continue
        if isinstance(value, datetime):
            plain[name] = _as_utc(value).isoformat(timespec="seconds")
        else:
            plain[name] = json.loads(value) if name == "faults" else value
    return plain
