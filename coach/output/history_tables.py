"""The tables of the history."""

from typing import Final

import sqlalchemy as sa

SCHEMA: Final = 1

METADATA: Final = sa.MetaData()

SETTINGS: Final = sa.Table(
    "settings",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

SESSIONS: Final = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("exercise", sa.String(64), nullable=False, index=True),
    sa.Column("direction", sa.String(16), nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("tool_version", sa.String(32), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("target_reps", sa.Integer),
    sa.Column("target_sets", sa.Integer),
)


def _event_table(name: str, *columns: "sa.Column[object]") -> sa.Table:
    """What reps, holds and faults have in common.  Times are seconds on the session's own clock."""
    return sa.Table(
        name,
        METADATA,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.ForeignKey("sessions.id"), nullable=False, index=True),
        sa.Column("set_number", sa.Integer, nullable=False),
        sa.Column("side", sa.String(8)),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("end_s", sa.Float, nullable=False),
        *columns,
    )


REPS: Final = _event_table(
    "reps",
    sa.Column("peak_s", sa.Float, nullable=False),
    sa.Column("peak_deg", sa.Float),
    sa.Column("peak_sd_deg", sa.Float),
    sa.Column("valid", sa.Boolean, nullable=False),
    sa.Column("faults", sa.Text, nullable=False),
)

HOLDS: Final = _event_table(
    "holds",
    sa.Column("held_s", sa.Float, nullable=False),
    sa.Column("target_s", sa.Float, nullable=False),
    sa.Column("completed", sa.Boolean, nullable=False),
)

FAULTS: Final = _event_table(
    "faults",
    sa.Column("fault", sa.String(64), nullable=False),
    sa.Column("cue", sa.Text, nullable=False),
    sa.Column("severity", sa.String(8), nullable=False),
)
