"""What lies in a results folder, read back video by video: records, summaries, reps."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from coach.batch.places import VIDEOS, Place
from coach.batch.records import RECORD, Outcome


@dataclass(frozen=True, slots=True)
class Result:
    """One video's record, its `summary.json` (None where there is none) and the rows of its `reps.csv`."""

    outcome: Outcome
    summary: dict[str, Any] | None
    reps: tuple[dict[str, str], ...]


def read_results(place: Place) -> Iterator[Result]:
    """All videos of a results folder in order of their names, one at a time."""
    for key in place.list_keys():
        outcome = Outcome.from_bytes(place.read(f"{VIDEOS}/{key}/{RECORD}"))
        if outcome is None:
            continue
        if not outcome.files:
            yield Result(outcome, None, ())
            continue
        summary = place.read(f"{VIDEOS}/{key}/summary.json")
        reps = place.read(f"{VIDEOS}/{key}/reps.csv")
        rows = csv.DictReader((reps or b"").decode().splitlines())
        yield Result(outcome, json.loads(summary) if summary else None, tuple(rows))
