"""An exercise as data: TOML in, a frozen `ExerciseSpec` out, every problem of the file reported at once."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from math import inf
from pathlib import Path
from typing import Literal, cast

from coach.errors import UsageError
from coach.exercise.events import Severity
from coach.exercise.lesson import Lesson, list_lessons
from coach.exercise.measures import MEASURES
from coach.exercise.toml_reader import Problems, Table
from coach.rotation.estimator import FRONTAL, Reading
from coach.rotation.posture import REFERENCES, Posture, Reference
from coach.rotation.start import FOLLOWS, Follow, Start
from coach.rotation.view import GATES, ViewGate

Direction = Literal["increase", "decrease"]
Working = Literal["either", "top", "standing", "nearer", "both"]
WORKING: tuple[Working, ...] = ("either", "top", "standing", "nearer", "both")
Body = Literal["standing", "sitting", "squatting", "lying-on-side", "on-back", "hands-and-knees"]
BODIES: tuple[Body, ...] = ("standing", "sitting", "squatting", "lying-on-side", "on-back", "hands-and-knees")
Compare = Literal["above", "below", "rises-by", "falls-by", "drifts-by"]
COMPARES: tuple[Compare, ...] = ("above", "below", "rises-by", "falls-by", "drifts-by")

RESERVED_PHASES = ("set-up", "ready", "moving", "any", "working")
"""What a leg is in outside of its phases, and the words that stand for several phases."""

VIEWS = tuple(GATES)
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """A phase is entered when the measure's change from the start pose passes `on` in `direction`, and left
    when it falls back below `off`.  Both are positive and in the measure's own unit.
    """

    name: str
    direction: Direction
    on: float
    off: float
    min_s: float


@dataclass(frozen=True, slots=True)
class RepSpec:
    """What makes a rep: the phases in `cycle`, in this order, and back to the start pose.

    A half-rep (out to the peak, or back) faster than `min_half_s`, or a whole one outside
    [`min_s`, `max_s`], is a tempo fault or no rep at all; dropouts up to `bridge_s` are bridged.
    """

    cycle: tuple[str, ...]
    min_s: float
    max_s: float
    min_half_s: float
    bridge_s: float
    target: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PoseRule:
    """What belongs to the start pose: `measure` within [low, high], on each leg or on either of them.

    `cue` tells somebody what to do about it.  A rule that holds `throughout` is kept during the exercise
    as well: who breaks it has left the exercise, and nothing counts until the start pose is taken up again.
    """

    measure: str
    low: float
    high: float
    legs: Literal["each", "either"]
    throughout: bool
    cue: str


@dataclass(frozen=True, slots=True)
class HoldSpec:
    """A timed hold in `phase` ("working" is any): the clock starts `settle_s` after entering and pauses
    outside, but never resets.
    """

    phase: str
    target_s: float
    settle_s: float


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A form rule: broken when `measure` passes `threshold` for at least `persist_s` while in `phase`.

    `compare` "above" and "below" look at the measure itself, "rises-by", "falls-by" and "drifts-by" (either
    way) at its change from the start pose.  `phase` is a phase's name, "working" for any but rest, or "any".
    """

    id: str
    measure: str
    compare: Compare
    threshold: float
    phase: str
    persist_s: float
    severity: Severity
    voids_rep: bool
    cue: str

    @property
    def is_change(self) -> bool:
        """Whether it looks at the change from the start pose."""
        return self.compare not in ("above", "below")


@dataclass(frozen=True, slots=True)
class ExerciseSpec:
    """Everything there is to know about one exercise."""

    id: str
    name: str
    trains: str
    equipment: tuple[str, ...]
    instructions: tuple[str, ...]
    safety: tuple[str, ...]
    camera_view: str
    camera_place: str
    working: Working
    measure: str
    measure_label: str
    start_still_s: float
    start_knee_flexion_deg: tuple[float, float]
    phases: tuple[PhaseSpec, ...]
    rep: RepSpec
    hold: HoldSpec | None
    target_reps: int
    target_sets: int
    faults: tuple[FaultSpec, ...]
    not_assessed: tuple[tuple[str, str], ...]
    reading: Reading = FRONTAL
    start_rules: tuple[PoseRule, ...] = ()
    camera_body: Body = "standing"
    camera_height_m: float = 0.8
    camera_distance_m: tuple[float, float] = (2.0, 3.0)
    measure_instead: str | None = None

    @property
    def target_deg(self) -> tuple[float, float]:
        """The change from the start pose that a good rep reaches."""
        return self.rep.target

    @property
    def driving(self) -> tuple[str, ...]:
        """The measures that drive the phases: the second is followed where the first is not told."""
        return (self.measure, self.measure_instead) if self.measure_instead else (self.measure,)

    @property
    def measures(self) -> list[str]:
        """All that counting and form look at, in alphabetical order."""
        return sorted({*self.driving, *(fault.measure for fault in self.faults)})

    @property
    def hold_target_s(self) -> float | None:
        """How long to hold, None for an exercise without holds."""
        return self.hold.target_s if self.hold else None

    @property
    def turns_inwards(self) -> bool:
        """Whether a rep turns the hip inwards, which the reference band is about."""
        return any(phase.direction == "increase" for phase in self.phases)


def load_specs(extra_dir: Path | None = None) -> dict[str, ExerciseSpec]:
    """All exercises by id, in alphabetical order: the shipped ones, and those in `extra_dir` over them."""
    specs = {}
    for folder in [_shipped_dir(), *([extra_dir] if extra_dir else [])]:
        if not folder.is_dir():
            raise UsageError(f"Expected a folder with exercise specs at {folder}, got none. Check --specs.")
        for path in sorted(folder.glob("*.toml")):
            spec = load_spec(path)
            specs[spec.id] = spec
    return dict(sorted(specs.items()))


def find_spec(exercise: str, extra_dir: Path | None = None) -> ExerciseSpec:
    """The exercise with this id.  Raises `UsageError` that lists the known ids."""
    specs = load_specs(extra_dir)
    if exercise not in specs:
        known = ", ".join(specs)
        raise UsageError(f"There is no exercise {exercise!r}. Known exercises: {known}.")
    return specs[exercise]


def load_spec(path: Path) -> ExerciseSpec:
    """Read one spec file.  Raises `UsageError` with all of its problems, one a line."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"Cannot read the exercise spec {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name}: expected a TOML file, got a syntax error: {error}.") from error
    problems = Problems(path.name)
    spec = _read_spec(Table(values, "", problems))
    if problems.found:
        count = len(problems.found)
        heading = f"{path.name} has {count} problem{'s' if count > 1 else ''}:"
        raise UsageError("\n".join([heading, *(f"  {p}" for p in problems.found)]))
    return spec


def _shipped_dir() -> Path:
    """Inside an installed wheel the specs lie in the package; in a checkout, beside it."""
    packaged = Path(str(resources.files("coach"))) / "exercise_specs"
    return packaged if packaged.is_dir() else packaged.parents[1] / "exercise_specs"


def _read_spec(top: Table) -> ExerciseSpec:
    top.number("schema", SCHEMA, SCHEMA)
    camera, sides, measure = top.table("camera"), top.table("sides"), top.table("measure")
    start, targets = top.table("start"), top.table("targets")
    name, view = measure.choice("name", tuple(MEASURES)), camera.choice("view", VIEWS)
    reference = measure.choice("reference", REFERENCES, default="trunk")
    working = sides.choice("working", WORKING)
    gate = GATES[view]
    phases = _read_phases(top, name)
    names = tuple(phase.name for phase in phases)
    rep_table = top.table("rep")
    rep = _read_rep(rep_table, name, names)
    longest_s = rep.max_s if rep_table.is_good("max_s") else inf
    absolute = measure.flag("absolute", default=True)
    if absolute and top.has("start_rotation"):
        measure.reject("absolute", "false beside [start_rotation], from which the change alone is counted")
    spec = ExerciseSpec(
        id=top.text("id"),
        name=top.text("name"),
        trains=top.text("trains"),
        equipment=top.texts("equipment", required=False),
        instructions=top.texts("instructions"),
        safety=top.texts("safety"),
        camera_view=view,
        camera_place=camera.text("place"),
        working=cast(Working, working),
        measure=name,
        measure_label=measure.text("label"),
        start_still_s=start.number("still_s", 0.2, 5.0),
        start_knee_flexion_deg=start.pair("knee_flexion_deg", 0.0, 180.0, default=(0.0, 180.0)),
        phases=phases,
        rep=rep,
        hold=_read_hold(top.table("hold"), names, longest_s) if top.has("hold") else None,
        target_reps=targets.whole("reps", 1, 1000),
        target_sets=targets.whole("sets", 1, 100, default=1),
        faults=_read_faults(top, names),
        not_assessed=tuple(_read_not_assessed(table) for table in top.tables("not_assessed")),
        reading=Reading(
            ViewGate(
                camera.pair("azimuth_deg", 0.0, 180.0, default=gate.azimuth_deg),
                camera.pair("elevation_deg", -90.0, 90.0, default=gate.elevation_deg),
            ),
            cast(Reference, reference),
            _read_posture(top.table("posture")) if top.has("posture") else Posture(),
            absolute,
            cast(Reference, measure.choice("read_against", REFERENCES, default=reference)),
            working == "top",
            start=_read_start(top.table("start_rotation")) if top.has("start_rotation") else None,
            learned=_read_lesson(top),
        ),
        start_rules=tuple(_read_pose_rule(table) for table in start.tables("rule")),
        camera_body=cast(Body, camera.choice("body", BODIES, default="standing")),
        camera_height_m=camera.number("height_m", 0.0, 3.0, default=0.8),
        camera_distance_m=camera.pair("distance_m", 0.3, 10.0, default=(2.0, 3.0)),
        measure_instead=_read_instead(measure, name) if measure.has("instead") else None,
    )
    for table in (camera, sides, measure, start, targets, top):
        table.close()
    return spec


def _read_instead(table: Table, measure: str) -> str:
    alike = tuple(name for name in MEASURES if MEASURES[name].unit == MEASURES[measure].unit)
    return table.choice("instead", alike)


def _read_posture(table: Table) -> Posture:
    posture = Posture(
        table.number("hip_flexion_deg", -30.0, 150.0),
        table.number("hip_adduction_deg", -90.0, 60.0, default=0.0),
        table.number("knee_flexion_deg", 20.0, 160.0),
        table.number("adduction_per_rotation", -2.0, 2.0, default=0.0),
        table.number("drawn_inwards_deg", -30.0, 30.0, default=0.0),
        table.number("differs", 0.1, 10.0, default=1.0),
    )
    table.close()
    return posture


def _read_lesson(top: Table) -> Lesson | None:
    return Lesson(top.choice("learned_from", list_lessons())) if top.has("learned_from") else None


def _read_start(table: Table) -> Start:
    start = Start(
        cast(Follow, table.choice("follow", FOLLOWS)),
        table.number("assumed_deg", -90.0, 90.0),
        table.number("assumed_sd_deg", 0.0, 90.0),
    )
    table.close()
    return start


def _read_pose_rule(table: Table) -> PoseRule:
    measure = table.choice("measure", tuple(MEASURES))
    low, high = table.pair(f"range_{MEASURES[measure].unit}", -180.0, 200.0)
    legs = table.choice("legs", ("each", "either"), default="each")
    throughout = table.flag("throughout", default=False)
    rule = PoseRule(measure, low, high, "each" if legs == "each" else "either", throughout, table.text("cue"))
    table.close()
    return rule


def _read_phases(top: Table, measure: str) -> tuple[PhaseSpec, ...]:
    phases: list[PhaseSpec] = []
    for table in top.tables("phase"):
        phase = _read_phase(table, measure)
        if phase.name in {*RESERVED_PHASES, *(p.name for p in phases)} and table.is_good("name"):
            table.reject("name", "a name that is not taken (nor one of " + ", ".join(RESERVED_PHASES) + ")")
        if phase.direction in {p.direction for p in phases} and table.is_good("direction"):
            table.reject("direction", "one phase a direction, or this one could never be entered")
        phases.append(phase)
    if not phases:
        top.reject("phase", "at least one table [[phase]]")
    return tuple(phases)


def _read_phase(table: Table, measure: str) -> PhaseSpec:
    unit = MEASURES[measure].unit
    on, off = f"on_{unit}", f"off_{unit}"
    phase = PhaseSpec(
        name=table.text("name"),
        direction=cast(Direction, table.choice("direction", ("increase", "decrease"))),
        on=table.number(on, 0.01, 180.0),
        off=table.number(off, 0.005, 180.0),
        min_s=table.number("min_s", 0.0, 60.0, default=0.2),
    )
    if table.is_good(on, off) and phase.off >= phase.on:
        table.reject(off, f"less than {on} ({phase.on:g}), or the count would flicker")
    table.close()
    return phase


def _read_rep(table: Table, measure: str, phases: tuple[str, ...]) -> RepSpec:
    unit = MEASURES[measure].unit
    cycle = table.texts("cycle")
    if not set(cycle) <= set(phases) or len(set(cycle)) < len(cycle):
        table.reject("cycle", f"names of phases, each once ({', '.join(phases)})")
    rep = RepSpec(
        cycle=cycle,
        min_s=table.number("min_s", 0.0, 600.0),
        max_s=table.number("max_s", 0.1, 600.0),
        min_half_s=table.number("min_half_s", 0.0, 60.0),
        bridge_s=table.number("bridge_s", 0.0, 5.0, default=0.7),
        target=table.pair(f"target_{unit}", 0.0, 180.0),
    )
    if table.is_good("min_s", "max_s") and rep.min_s >= rep.max_s:
        table.reject("min_s", f"less than max_s ({rep.max_s:g})")
    if table.is_good("min_half_s", "max_s") and 2 * rep.min_half_s >= rep.max_s:
        table.reject("min_half_s", f"less than half of max_s ({rep.max_s:g})")
    table.close()
    return rep


def _read_hold(table: Table, phases: tuple[str, ...], longest_s: float) -> HoldSpec:
    hold = HoldSpec(
        phase=table.choice("phase", ("working", *phases)),
        target_s=table.number("target_s", 0.5, 600.0),
        settle_s=table.number("settle_s", 0.0, 5.0, default=0.3),
    )
    if table.is_good("target_s") and hold.target_s >= longest_s:
        table.reject("target_s", f"less than the longest rep, rep.max_s ({longest_s:g})")
    table.close()
    return hold


def _read_faults(top: Table, phases: tuple[str, ...]) -> tuple[FaultSpec, ...]:
    faults: list[FaultSpec] = []
    for table in top.tables("fault"):
        fault = _read_fault(table, phases)
        if fault.id in {f.id for f in faults} and table.is_good("id"):
            table.reject("id", "an id that no other fault has")
        faults.append(fault)
    return tuple(faults)


def _read_fault(table: Table, phases: tuple[str, ...]) -> FaultSpec:
    measure = table.choice("measure", tuple(MEASURES))
    threshold = f"threshold_{MEASURES[measure].unit}"
    fault = FaultSpec(
        id=table.text("id"),
        measure=measure,
        compare=cast(Compare, table.choice("compare", COMPARES)),
        threshold=table.number(threshold, -180.0, 180.0),
        phase=table.choice("phase", ("any", "working", *phases)),
        persist_s=table.number("persist_s", 0.0, 60.0),
        severity=cast(Severity, table.choice("severity", ("minor", "major"))),
        voids_rep=table.flag("voids_rep", default=False),
        cue=table.text("cue"),
    )
    if table.is_good(threshold, "compare") and fault.is_change and fault.threshold <= 0.0:
        table.reject(threshold, f"more than 0 with compare = {fault.compare!r}")
    table.close()
    return fault


def _read_not_assessed(table: Table) -> tuple[str, str]:
    entry = (table.text("fault"), table.text("reason"))
    table.close()
    return entry
