"""The history as a table: a row per rep or hold."""

import csv
from collections.abc import Iterable, Mapping
from typing import Any, Final, TextIO

COLUMNS: Final = (
    *("session", "started_at", "exercise", "status", "kind", "set_number", "side", "start_s", "peak_s"),
    *("end_s", "peak_deg", "peak_sd_deg", "held_s", "target_s", "counted", "faults"),
)


def write_history_csv(file: TextIO, sessions: Iterable[Mapping[str, Any]]) -> None:
    """Write what `History.export` gives; `file` is open with `newline=""`."""
    writer = csv.DictWriter(file, COLUMNS, restval="", extrasaction="ignore")
    writer.writeheader()
    for session in sessions:
        shared = {name: session[name] for name in ("started_at", "exercise", "status")}
        shared["session"] = session["id"]
        for rep in session["reps"]:
            faults = " ".join(rep["faults"])
            writer.writerow({**rep, **shared, "kind": "rep", "counted": int(rep["valid"]), "faults": faults})
        for hold in session["holds"]:
            writer.writerow({**hold, **shared, "kind": "hold", "counted": int(hold["completed"])})
