import json
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from coach.exercise.session import RotationRange, SessionSummary
from coach.output.json_parts import load_schema
from coach.output.summary import SCHEMA, to_json, write_summary


def check(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(load_schema(SCHEMA)).validate(document)


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(load_schema(SCHEMA))


def test_a_session_keeps_to_the_schema(summary: SessionSummary) -> None:
    document = to_json(summary)
    check(document)
    assert document["sides"]["left"]["internal_rotation_deg"] == {
        "min": -3.2,
        "max": 41.0,
        "sd": 4.0,
        "mode": "image-plane",
        "verdict": "cannot-tell",
    }
    assert document["sides"]["right"]["internal_rotation_deg"] == {"withheld": "The right leg was hidden."}
    assert document["sides"]["left"]["holds"][0]["held_s"] == 5.012
    assert [rep["valid"] for rep in document["sides"]["left"]["reps"]] == [True, True, False]
    assert document["sides"]["left"]["reps"][2]["faults"] == ["range"]
    assert document["faults"][1]["side"] is None


def test_the_schema_refuses_what_it_does_not_know(summary: SessionSummary) -> None:
    document = to_json(summary)
    document["sides"]["left"]["reps"][0]["depth"] = 1
    with pytest.raises(jsonschema.ValidationError, match="depth"):
        check(document)


def test_both_a_range_and_a_reason_is_refused(summary: SessionSummary) -> None:
    document = to_json(summary)
    document["sides"]["left"]["internal_rotation_deg"]["withheld"] = "no"
    with pytest.raises(jsonschema.ValidationError):
        check(document)


def test_nan_never_reaches_the_file(summary: SessionSummary, tmp_path: Path) -> None:
    left = summary.sides["left"]
    withheld = replace(left.reps[0], peak_deg=nan, peak_sd_deg=nan)
    left = replace(
        left, reps=(withheld,), rotation=RotationRange(nan, nan, nan, "image-plane", "cannot-tell")
    )
    odd = replace(summary, sides={"left": left}, source=replace(summary.source, fps=nan, duration_s=None))
    write_summary(odd, tmp_path / "summary.json")
    text = (tmp_path / "summary.json").read_text()
    assert "NaN" not in text
    document = json.loads(text)
    check(document)
    assert document["sides"]["left"]["reps"][0]["peak_deg"] is None
    assert "withheld" in document["sides"]["left"]["internal_rotation_deg"]
    assert document["source"]["fps"] is None
    assert document["source"]["duration_s"] is None


def test_minus_zero_is_zero(summary: SessionSummary) -> None:
    left = replace(summary.sides["left"], rotation=RotationRange(-0.01, 20.0, 3.0, "model-3d", "below"))
    text = json.dumps(to_json(replace(summary, sides={"left": left})))
    assert "-0.0" not in text


def test_names_are_kept_as_they_are(summary: SessionSummary, tmp_path: Path) -> None:
    odd = replace(summary, source=replace(summary.source, name="Übung «1» 日本.mp4"))
    write_summary(odd, tmp_path / "summary.json")
    assert "Übung «1» 日本.mp4" in (tmp_path / "summary.json").read_text(encoding="utf-8")
