"""What the documents promise: the example spec loads, and the table of measures is the code's own."""

import re
from pathlib import Path

from coach.exercise.measures import MEASURES
from coach.exercise.spec import load_spec

DOCS = Path(__file__).parents[1] / "docs"


def test_the_example_exercise_loads(tmp_path):
    example = re.search(r"```toml\n(.*?)```", (DOCS / "exercises.md").read_text(), re.S)
    (tmp_path / "mine.toml").write_text(example[1])
    assert load_spec(tmp_path / "mine.toml").name == "My rotation"


def test_every_measure_is_documented_with_its_unit():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", (DOCS / "exercises.md").read_text(), re.M)
    assert rows == [(name, m.unit, m.meaning) for name, m in sorted(MEASURES.items())]
