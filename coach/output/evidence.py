"""Stills as evidence: small annotated JPEGs of each rep and hold at its peak, of each fault in its midst."""

from collections import deque
from dataclasses import dataclass
from math import isnan
from types import TracebackType
from typing import Final, Literal, Self

import cv2
import numpy as np

from coach.body.landmarks import SIDES, Side
from coach.exercise.events import Event, Hold, Rep
from coach.exercise.spec import ExerciseSpec
from coach.output.overlay import Overlay
from coach.pipeline import Image, Tick

Kind = Literal["rep", "hold", "fault"]

_LONGEST_SIDE_PX: Final = 480
_QUALITY: Final = 80
_GROWTH: Final = 0.02  # of the target: a new still is taken when the movement grew by this much
_RECENT: Final = 16
_RECENT_STEP_S: Final = 0.25
_CALLED: Final = 8
_NOT_MOVING: Final = frozenset({"ready", "set-up"})
_MOVEMENTS: Final = 3  # a rep may be reported late, or consist of two movements
_CAPACITY: Final[dict[Kind, int]] = {"rep": 30, "hold": 10, "fault": 20}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One still: what it shows, when it was taken, and the JPEG itself."""

    kind: Kind
    side: Side | None
    event: Event
    time_s: float
    width_px: int
    height_px: int
    jpeg: bytes


@dataclass(slots=True)
class _Still:
    tick: Tick
    image: Image
    scale: float


@dataclass(slots=True)
class _Movement:
    """One way out of the start pose: how far it has gone, and what that looked like."""

    reached: float
    still: _Still


@dataclass(slots=True)
class _Ranked:
    rank: float
    evidence: Evidence


class EvidenceCollector:
    """Sink that keeps at most 60 stills, whatever the length of the footage.

    While a leg moves, the still of its largest movement so far is kept, and frozen when the rep or hold is
    reported.  For faults a few seconds of stills are at hand, and one of each moment in which something was
    called out: a fault is reported with its repetition, which may end much later.  When a kind is full, a
    later one only replaces one that ranks lower: reps rank by how far they went, faults by severity.
    """

    def __init__(self, spec: ExerciseSpec | None = None) -> None:
        self._overlay = Overlay(spec)
        self._growth = _GROWTH * spec.target_deg[1] if spec else 0.5
        self._movements: dict[Side, deque[_Movement]] = {side: deque(maxlen=_MOVEMENTS) for side in SIDES}
        self._moving: set[Side] = set()
        self._recent: deque[_Still] = deque(maxlen=_RECENT)
        self._called: deque[_Still] = deque(maxlen=_CALLED)
        self._cue: str | None = None
        self._kept: dict[Kind, list[_Ranked]] = {"rep": [], "hold": [], "fault": []}

    @property
    def items(self) -> list[Evidence]:
        """The stills kept so far, in order of time."""
        found = [ranked.evidence for kept in self._kept.values() for ranked in kept]
        return sorted(found, key=lambda evidence: evidence.time_s)

    def write(self, tick: Tick, image: Image | None) -> None:
        """Look at one instant; ticks without a picture are passed over."""
        if image is None:
            return
        self._overlay.update(tick)
        still = self._note_peaks(tick, image)
        if not self._recent or tick.time_s - self._recent[-1].tick.time_s >= _RECENT_STEP_S:
            still = still or _shrink(tick, image)
            self._recent.append(still)
        if tick.cue is not None and tick.cue != self._cue:
            self._called.append(still or _shrink(tick, image))
        self._cue = tick.cue
        for event in tick.events:
            self._freeze(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for movements in self._movements.values():
            movements.clear()
        self._recent.clear()
        self._called.clear()

    def _note_peaks(self, tick: Tick, image: Image) -> _Still | None:
        still = None
        for side in tick.working:
            state = tick.sides.get(side)
            if state is None or state.phase in _NOT_MOVING:
                self._moving.discard(side)
                continue
            reached = abs(state.measure_deg)
            movements = self._movements[side]
            if side in self._moving and not reached >= movements[-1].reached + self._growth:
                continue
            if isnan(reached):
                continue
            still = still or _shrink(tick, image)
            if side in self._moving:
                movements.pop()
            self._moving.add(side)
            movements.append(_Movement(reached, still))
        return still

    def _freeze(self, event: Event) -> None:
        kind, rank = _classify(event)
        kept = self._kept[kind]
        weakest = min(kept, key=lambda ranked: ranked.rank, default=None)
        full = len(kept) >= _CAPACITY[kind]
        if full and weakest is not None and weakest.rank >= rank:
            return
        still = self._find_still(event)
        if still is None:
            return
        if full and weakest is not None:
            kept.remove(weakest)
        kept.append(_Ranked(rank, self._develop(kind, event, still)))

    def _find_still(self, event: Event) -> _Still | None:
        """The nearest still within the event: for a rep or hold, of a movement's peak if there is one."""
        wanted_s = event.peak_s if isinstance(event, Rep) else 0.5 * (event.start_s + event.end_s)
        peaks = []
        if isinstance(event, Rep | Hold):
            peaks = [movement.still for movement in self._movements[event.side]]
        for stills in (peaks, [*self._called, *self._recent]):
            within = [still for still in stills if event.start_s <= still.tick.time_s <= event.end_s]
            if within:
                return min(within, key=lambda still: abs(still.tick.time_s - wanted_s))
        return min(self._recent, key=lambda still: abs(still.tick.time_s - wanted_s), default=None)

    def _develop(self, kind: Kind, event: Event, still: _Still) -> Evidence:
        image = still.image.copy()
        self._overlay.draw(image, still.tick, scale=still.scale, panels=False)
        _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        height, width = image.shape[:2]
        return Evidence(kind, event.side, event, still.tick.time_s, width, height, jpeg.tobytes())


def _classify(event: Event) -> tuple[Kind, float]:
    if isinstance(event, Rep):
        return "rep", 0.0 if isnan(event.peak_deg) else abs(event.peak_deg)
    if isinstance(event, Hold):
        return "hold", event.held_s
    return "fault", 1.0 if event.severity == "major" else 0.0


def _shrink(tick: Tick, image: Image) -> _Still:
    height, width = image.shape[:2]
    scale = min(1.0, _LONGEST_SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return _Still(tick, small if scale < 1.0 else image.copy(), scale)
