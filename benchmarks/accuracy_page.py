"""The tables of docs/accuracy.md, put between the marks of the page, and its plots."""

from pathlib import Path

import numpy as np

from benchmarks.accuracy_plots import plot_bland_altman, plot_coverage, plot_views
from benchmarks.rom_score import TrialScore
from benchmarks.rotation_score import RotationScore

BEGIN, END = "<!-- {}: begin -->", "<!-- {}: end -->"

COLUMNS = {
    "rotation": {
        "clips": "clips",
        "withheld_percent": "withheld %",
        "bias_deg": "bias °",
        "mae_deg": "abs °",
        "p95_deg": "abs 95 °",
        "change_mae_deg": "Δ °",
        "change_p95_deg": "Δ 95 °",
        "gain": "gain",
        "coverage_percent": "covered %",
        "far_off_percent": "> 15° %",
        "raw_3d_mae_deg": "raw 3-D °",
        "plain_2d_mae_deg": "plain 2-D °",
        "constant_mae_deg": "constant °",
    },
    "flexion": {
        "clips": "clips",
        "withheld_percent": "withheld %",
        "bias_deg": "bias °",
        "mae_deg": "abs °",
        "p95_deg": "abs 95 °",
        "worst_clip_mae_deg": "worst clip °",
    },
    "tracking": {
        "clips": "clips",
        "detected_percent": "found %",
        "landmark_error_percent": "landmarks %",
        "swapped_percent": "swapped %",
    },
    "trials": {
        "trials": "trials",
        "withheld_percent": "withheld %",
        "change_bias_deg": "Δ bias °",
        "change_mae_deg": "Δ °",
        "change_p95_deg": "Δ 95 °",
        "mae_deg": "abs °",
        "gain": "gain",
        "coverage_percent": "covered %",
        "retest_pairs": "pairs",
        "sem_deg": "SEM °",
    },
}
_DECIMALS = {"clips": 0, "trials": 0, "retest_pairs": 0, "gain": 2}


def format_table(kind: str, table: dict[str, dict[str, float]]) -> str:
    """A table in Markdown."""
    columns = COLUMNS[kind]
    lines = ["| exercise, view | " + " | ".join(columns.values()) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in table.items():
        cells = ["–" if np.isnan(row[k]) else f"{row[k]:.{_DECIMALS.get(k, 1)}f}" for k in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_page(
    page: Path,
    mark: str,
    tables: dict[str, dict[str, dict[str, float]]],
    scores: list[RotationScore],
    trials: list[TrialScore],
) -> None:
    """Replace what stands between the marks of this name by tables and plots, which go beside the page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN.format(mark))
    _, after = rest.split(END.format(mark))
    parts = []
    for kind, title in (
        ("rotation", "Rotation"),
        ("flexion", "Hip flexion, where no rotation is claimed"),
        ("trials", "Seated test"),
        ("tracking", "Pose"),
    ):
        if tables[kind]:
            parts.append(f"### {title}\n{format_table(kind, tables[kind])}")
    folder = page.parent / "accuracy"
    folder.mkdir(exist_ok=True)
    for name, words, svg in (
        ("views", "Error by the camera's place", plot_views(scores)),
        ("coverage", "How often the 95 % interval holds the truth", plot_coverage(scores)),
        ("bland-altman", "Bland-Altman: trials of the seated test", plot_bland_altman(trials)),
    ):
        if name == "bland-altman" and not trials:
            continue
        (folder / f"{mark}-{name}.svg").write_text(svg, encoding="utf-8")
        parts.append(f"![{words}](accuracy/{mark}-{name}.svg)")
    body = "\n\n".join(parts)
    page.write_text(f"{before}{BEGIN.format(mark)}\n{body}\n{END.format(mark)}{after}", encoding="utf-8")
