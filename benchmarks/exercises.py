"""How well exercises are counted, timed and corrected: reps, holds, sides, faults and false reps.

    python -m benchmarks.exercises benchmarks/data/test [--clips] [--json FILE] [--write docs/accuracy.md]

A folder holds landmarks and truth of clips, or videos with their truth: see `benchmarks/clips.py`.
"""

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

from benchmarks.clip import Clip, Expected, Span
from benchmarks.clips import read_for_command
from benchmarks.exercise_truth import PLANTED, STATED
from coach.body.landmarks import SIDES
from coach.body.pose import PoseTrack
from coach.exercise.events import Fault, Hold, Rep
from coach.exercise.session import SessionSummary
from coach.exercise.spec import ExerciseSpec, load_specs
from coach.pipeline import Pipeline, replay

TIME_TOLERANCE_S = 0.3
HOLD_TOLERANCE_S = 0.5
TOUCH_S = 0.3
"""A fault belongs to a repetition that it shares at least this much time with."""

BEGIN, END = "<!-- exercises: begin -->", "<!-- exercises: end -->"


@dataclass
class FaultCounts:
    """One fault over repetitions: called rightly, called wrongly, missed."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    @property
    def recall(self) -> float:
        """Share of the planted ones that were called."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else float("nan")

    @property
    def precision(self) -> float:
        """Share of the called ones that had been planted."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else float("nan")


@dataclass
class Score:
    """One clip against its truth."""

    clip: str
    exercise: str
    view: str
    counted: int
    expected: int
    wrong_side: int
    partial_expected: int
    partial_reported: int
    unmatched: int
    start_errors_s: list[float] = field(default_factory=list)
    peak_errors_s: list[float] = field(default_factory=list)
    end_errors_s: list[float] = field(default_factory=list)
    hold_errors_s: list[float] = field(default_factory=list)
    faults: dict[str, FaultCounts] = field(default_factory=dict)

    @property
    def time_errors_s(self) -> list[float]:
        """Starts, peaks and ends together."""
        return self.start_errors_s + self.peak_errors_s + self.end_errors_s


def run_track(track: PoseTrack, spec: ExerciseSpec) -> SessionSummary:
    """The whole pipeline over stored landmarks."""
    pipeline = Pipeline(spec)
    replay(track, pipeline, [])
    return pipeline.summary(track.source, track.model)


def score_clip(clip: Clip, spec: ExerciseSpec) -> Score:
    """Run the pipeline over a clip and compare."""
    expected = clip.expected
    if expected is None:
        raise ValueError(f"expected a clip that says what it should come to, got {clip.name}")
    summary = run_track(clip.track, spec)
    sides = {clip.side} if spec.working in ("top", "standing", "nearer", "both") else set(SIDES)
    reps = [rep for s in SIDES for rep in summary.sides[s].reps]
    valid = [rep for rep in reps if rep.valid]
    watched = [rep for rep in valid if spec.working != "both" or rep.side in sides]
    full = [rep for rep in expected.reps if rep.full]
    score = Score(
        clip.name,
        clip.exercise,
        clip.view,
        len(watched),
        len(full),
        0 if spec.working == "both" else _count_wrong_side(watched, full),
        sum(not rep.full for rep in expected.reps),
        _count_reported_partials(reps, expected),
        sum(not any(_share_s(rep, true) > 0 for true in expected.reps) for rep in valid),
        hold_errors_s=hold_errors(expected, [h for s in SIDES for h in summary.sides[s].holds]),
        faults=score_faults(clip.exercise, expected, summary.faults),
    )
    for true in full:
        found = max(
            (rep for rep in watched if rep.side == true.side), key=lambda r: _share_s(r, true), default=None
        )
        if found is not None and _is_of(found, true, full):
            score.start_errors_s.append(found.start_s - true.start_s)
            score.peak_errors_s.append(_outside_s(found.peak_s, true.peak_start_s, true.peak_end_s))
            score.end_errors_s.append(found.end_s - true.end_s)
    return score


def _share_s(found: Rep | Hold | Fault, true: Span) -> float:
    """Seconds that two stretches have in common; negative when they are apart."""
    return min(found.end_s, true.end_s) - max(found.start_s, true.start_s)


def _is_of(found: Rep, true: Span, full: Sequence[Span]) -> bool:
    """Whether a repetition is this true one: of its side, it shares more time with none."""
    others = (_share_s(found, other) for other in full if other.side == true.side)
    return _share_s(found, true) > 0 and _share_s(found, true) >= max(others)


def _outside_s(time_s: float, start_s: float, end_s: float) -> float:
    """How far an instant lies before (negative) or after a stretch of time; 0 inside of it."""
    return min(time_s - start_s, 0.0) + max(time_s - end_s, 0.0)


def _count_wrong_side(valid: list[Rep], full: list[Span]) -> int:
    wrong = 0
    for rep in valid:
        overlapping = [true for true in full if _share_s(rep, true) > 0]
        best = max(overlapping, key=lambda true: _share_s(rep, true), default=None)
        wrong += best is not None and best.side != rep.side
    return wrong


def _count_reported_partials(reps: list[Rep], expected: Expected) -> int:
    """True partial repetitions for which an invalid one was reported."""
    return sum(
        any(not rep.valid and _share_s(rep, true) > 0 for rep in reps)
        for true in expected.reps
        if not true.full
    )


def hold_errors(expected: Expected, holds: list[Hold]) -> list[float]:
    """Held seconds minus true ones of each true hold, matched by overlap; a missed one counts in full."""
    errors = []
    for true in expected.holds:
        held = [h.held_s for h in holds if h.side == true.side and _share_s(h, true) > 0]
        if true.end_s - true.start_s > 1.5:
            errors.append(max(held, default=0.0) - (true.end_s - true.start_s))
    return errors


def score_faults(exercise: str, expected: Expected, found: Sequence[Fault]) -> dict[str, FaultCounts]:
    """Each fault over the full repetitions: planted or not against called or not.

    Partial repetitions are left out, where a planted fault is only half there, and so are repetitions with
    a fault smaller than what is claimed to be seen.
    """
    counts: dict[str, FaultCounts] = defaultdict(FaultCounts)
    planted_ids = PLANTED[exercise]
    for true in expected.reps:
        if not true.full:
            continue
        called = {fault.id for fault in found if _share_s(fault, true) >= TOUCH_S}
        here = [
            (planted_ids[kind], amount >= STATED.get((exercise, kind), 0.0))
            for kind, amount, span in expected.faults
            if kind in planted_ids and _same(span, true)
        ]
        planted = {fault_id for fault_id, large in here if large}
        small = {fault_id for fault_id, large in here if not large}
        for fault_id in (called | planted) - small:
            count = counts[fault_id]
            count.hits += fault_id in called and fault_id in planted
            count.false += fault_id in called - planted
            count.missed += fault_id in planted - called
    for fault in found:
        if not any(_share_s(fault, true) > 0 for true in expected.reps):
            counts[fault.id].false += 1
    return dict(counts)


def _same(fault: Span, rep: Span) -> bool:
    """Whether a planted fault belongs to this repetition: they share most of the fault's time."""
    shared_s = min(fault.end_s, rep.end_s) - max(fault.start_s, rep.start_s)
    return shared_s > 0.5 * (fault.end_s - fault.start_s)


@dataclass(frozen=True)
class Negatives:
    """Footage of somebody who does not do the exercise asked for."""

    minutes: float
    false_reps: int
    where: tuple[str, ...]


def score_negatives(clips: Iterable[Clip], specs: dict[str, ExerciseSpec]) -> Negatives:
    """Every clip under each of the other exercises: nothing may count."""
    seconds, where = 0.0, []
    for clip in clips:
        for spec in specs.values():
            if spec.id == clip.exercise:
                continue
            seconds += float(clip.track.time_s[-1] - clip.track.time_s[0])
            summary = run_track(clip.track, spec)
            false = sum(side.rep_count for side in summary.sides.values())
            where += [f"{clip.name} as {spec.id}"] * false
    return Negatives(seconds / 60.0, len(where), tuple(where))


@dataclass(frozen=True)
class Row:
    """One row of the table: an exercise from one view."""

    clips: int
    exact_percent: float
    worst: int
    wrong_side: int
    partials: str
    within_percent: float
    start_s: float
    peak_s: float
    end_s: float
    hold_s: float
    hold_worst_s: float


def summarise(scores: Sequence[Score]) -> dict[str, Row]:
    """A row per exercise and view."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        groups[f"{score.exercise}, {score.view}"].append(score)
    return {name: _summarise_group(group) for name, group in sorted(groups.items())}


def _summarise_group(group: list[Score]) -> Row:
    misses = [abs(s.counted - s.expected) for s in group]
    times = [abs(e) for s in group for e in s.time_errors_s]
    holds = [abs(e) for s in group for e in s.hold_errors_s]

    def middle(errors: Iterator[list[float]]) -> float:
        pooled = [e for some in errors for e in some]
        return round(median(pooled), 2) if pooled else float("nan")

    return Row(
        len(group),
        round(100 * mean(m == 0 for m in misses), 1),
        max(misses),
        sum(s.wrong_side for s in group),
        f"{sum(s.partial_reported for s in group)} of {sum(s.partial_expected for s in group)}",
        round(100 * mean(t <= TIME_TOLERANCE_S for t in times), 1) if times else float("nan"),
        middle(s.start_errors_s for s in group),
        middle(s.peak_errors_s for s in group),
        middle(s.end_errors_s for s in group),
        round(mean(holds), 2) if holds else float("nan"),
        round(max(holds), 2) if holds else float("nan"),
    )


def pool_faults(scores: Sequence[Score]) -> dict[str, dict[str, FaultCounts]]:
    """Fault counts of all clips by exercise and fault."""
    pooled: dict[str, dict[str, FaultCounts]] = defaultdict(lambda: defaultdict(FaultCounts))
    for score in scores:
        for fault_id, counts in score.faults.items():
            total = pooled[score.exercise][fault_id]
            total.hits += counts.hits
            total.false += counts.false
            total.missed += counts.missed
    return {exercise: dict(sorted(faults.items())) for exercise, faults in sorted(pooled.items())}


def format_rows(rows: dict[str, Row]) -> str:
    """Counts and times as a Markdown table."""
    head = (
        "| exercise, view | clips | count exact % | worst | wrong side | partials reported | "
        "times within 0.3 s % | start s | peak s | end s | hold s | hold worst s |"
    )
    lines = [head, "|---" * 12 + "|"]
    for name, r in rows.items():
        times = [_figure(v, 2) for v in (r.start_s, r.peak_s, r.end_s, r.hold_s, r.hold_worst_s)]
        cells = [r.clips, _figure(r.exact_percent, 0), r.worst, r.wrong_side, r.partials]
        cells += [_figure(r.within_percent, 0), *times]
        lines.append(f"| {name} | " + " | ".join(str(c) for c in cells) + " |")
    return "\n".join(lines)


def format_faults(faults: dict[str, dict[str, FaultCounts]]) -> str:
    """Faults as a Markdown table: repetitions, not clips, are counted."""
    lines = [
        "| exercise | fault | planted | called rightly | wrongly | recall | precision |",
        "|---" * 7 + "|",
    ]
    for exercise, table in faults.items():
        for fault_id, c in table.items():
            figures = f"{c.hits + c.missed} | {c.hits} | {c.false} | {_figure(c.recall, 2)}"
            lines.append(f"| {exercise} | {fault_id} | {figures} | {_figure(c.precision, 2)} |")
    return "\n".join(lines)


def _figure(value: float, decimals: int) -> str:
    return "–" if math.isnan(value) else f"{value:.{decimals}f}"


def describe_clip(score: Score) -> str:
    """One clip in a line."""
    times = [f"{median(e):+.2f}" if e else "–" for e in (score.start_errors_s, score.peak_errors_s)]
    ends = f"{median(score.end_errors_s):+.2f}" if score.end_errors_s else "–"
    faults = ", ".join(f"{k} {c.hits}/{c.false}/{c.missed}" for k, c in sorted(score.faults.items()))
    return (
        f"{score.clip:44} {score.counted}/{score.expected} partial {score.partial_reported}/"
        f"{score.partial_expected} wrong side {score.wrong_side} elsewhere {score.unmatched} "
        f"times {times[0]} {times[1]} {ends} worst {max(map(abs, score.time_errors_s), default=0):.2f} "
        f"holds {[round(e, 2) for e in score.hold_errors_s]} faults {faults or '-'}"
    )


def as_plain(scores: Sequence[Score], negatives: Negatives | None) -> dict[str, object]:
    """All figures as JSON values."""
    return {
        "rows": {name: vars(row) for name, row in summarise(scores).items()},
        "faults": {e: {f: vars(c) for f, c in t.items()} for e, t in pool_faults(scores).items()},
        "negatives": vars(negatives) if negatives else None,
    }


def report(scores: Sequence[Score], negatives: Negatives | None) -> str:
    """The section for `docs/accuracy.md`."""
    parts = [format_rows(summarise(scores)), format_faults(pool_faults(scores))]
    if negatives:
        parts.append(
            f"Wrong exercise (every clip under the other exercises): {negatives.minutes:.0f} minutes, "
            f"{negatives.false_reps} false repetitions."
        )
    return "\n\n".join(parts)


def write_section(path: Path, text: str) -> None:
    """Put the text between the markers of a document."""
    document = path.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest or not after:
        raise SystemExit(f"{path}: expected the markers {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Score a folder of clips and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--clips", action="store_true", help="a line per clip as well")
    parser.add_argument("--negatives", action="store_true", help="every clip under the other exercises too")
    parser.add_argument("--only", default="", help="clips whose name begins so")
    parser.add_argument("--json", type=Path, help="write the figures as JSON too")
    parser.add_argument("--write", type=Path, help="write the tables between the markers of this document")
    args = parser.parse_args()
    specs = load_specs()
    clips = [c for c in read_for_command(args.folder) if c.expected and c.name.startswith(args.only)]
    if not clips:
        print(f"No clips of exercises in {', '.join(map(str, args.folder))}.", file=sys.stderr)
        return 1
    scores = [score_clip(clip, specs[clip.exercise]) for clip in clips]
    negatives = score_negatives(clips, specs) if args.negatives else None
    if args.clips:
        print("\n".join(describe_clip(score) for score in scores))
        print("\n".join(negatives.where if negatives else ()))
    print(report(scores, negatives))
    if args.json:
        args.json.write_text(json.dumps(as_plain(scores, negatives), indent=2) + "\n")
    if args.write:
        write_section(args.write, report(scores, negatives))
    return 0


if __name__ == "__main__":
    sys.exit(main())
