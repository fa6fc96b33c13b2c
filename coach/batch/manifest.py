"""Manifests: which exercise, which leg, for each of many videos, as CSV or TOML.

CSV has the columns `input`, and where wanted `exercise`, `side`, `name`; an empty cell means not said.
TOML has a table `[[video]]` for each with the same keys, and `exercise` or `side` at the top for all that do
not say.  Relative inputs start at the manifest's own folder; folders and patterns may be given as well.
Every problem of the file is told at once.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast, get_args

from coach.batch.places import is_url
from coach.batch.plan import Entry, expand_inputs, make_key
from coach.errors import UsageError
from coach.exercise.runner import SideChoice

_KEYS: Final = ("input", "exercise", "side", "name")
_FOR_ALL: Final = ("exercise", "side")
_SIDES: Final[tuple[str, ...]] = get_args(SideChoice)


def read_manifest(path: Path, *, landmarks: bool) -> list[Entry]:
    """The manifest's entries; raises `UsageError` with all problems."""
    if path.suffix.lower() not in (".csv", ".toml"):
        raise UsageError(f"Expected a manifest ending in .csv or .toml, got {path.name}.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = _toml_rows(text) if path.suffix.lower() == ".toml" else _csv_rows(text)
    except OSError as error:
        raise UsageError(f"Cannot read the manifest {path}: {error.strerror or error}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise UsageError(f"{path.name}: expected a {path.suffix[1:].upper()} file, got: {error}.") from error
    problems = [f"  {where}: {problem}" for where, row in rows for problem in _check(row)]
    if not rows:
        problems.append("  it names no videos")
    if problems:
        raise UsageError("\n".join([f"{path.name} cannot be used:", *problems]))
    return [entry for _, row in rows for entry in _entries(row, path.parent, landmarks)]


def _csv_rows(text: str) -> list[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for row in reader:
        filled = {("(too many cells)" if key is None else key): cell for key, cell in row.items() if cell}
        rows.append((f"line {reader.line_num}", filled))
    return rows


def _toml_rows(text: str) -> list[tuple[str, Mapping[str, Any]]]:
    values = tomllib.loads(text)
    tables = values.pop("video", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        return [("video", {"(not a list of tables)": True})]
    for_all = {key: values.pop(key) for key in _FOR_ALL if key in values}
    rows: list[tuple[str, Mapping[str, Any]]] = [
        (f"video {number}", for_all | table) for number, table in enumerate(tables, 1)
    ]
    return rows + [("top", {key: value}) for key, value in values.items()]


def _check(row: Mapping[str, Any]) -> list[str]:
    problems = [f"unknown key {key!r}; allowed are {', '.join(_KEYS)}" for key in row if key not in _KEYS]
    problems += [
        f"expected {key!r} to be text, got {row[key]!r}"
        for key in _KEYS
        if key in row and not isinstance(row[key], str)
    ]
    if not problems and not row.get("input"):
        problems.append("'input' is missing")
    if not problems and "side" in row and row["side"] not in _SIDES:
        problems.append(f"expected 'side' to be one of {', '.join(_SIDES)}, got {row['side']!r}")
    return problems


def _entries(row: Mapping[str, str], folder: Path, landmarks: bool) -> list[Entry]:
    given = row["input"]
    where = given if is_url(given) or Path(given).is_absolute() else str(folder / given)
    entries = expand_inputs([where], landmarks=landmarks)
    side = cast(SideChoice | None, row.get("side"))
    entries = [replace(entry, exercise=row.get("exercise"), side=side) for entry in entries]
    if "name" in row:
        named = make_key(PurePosixPath(row["name"] + ".named"))
        entries = [replace(entry, key=named) for entry in entries]
    return entries
