"""Times that always increase, and the account of what a video file turned out to hold."""

import math
from dataclasses import replace

from coach.body.pose import SourceFacts

_RESTART_AFTER = 5  # so many steps back in a row are a clock that started anew, not a stray picture
_GAP_S = 0.3  # shorter gaps are everyday in phone and screen recordings
_GAP_INTERVALS = 5.0
_GAP_SHARE = 0.1  # where gaps are more common than this, the file is made that way
_SHORT_S = 0.3  # a claimed length that is off by less is rounding, or sound that ends later
_SAME_RATE = 0.02
_NAMED = 3  # places named in one warning


class SteadyClock:
    """Repairs a source's times so that they increase strictly, moving as little as possible.

    A time that is later than the one before is never touched.  One that repeats or steps back is put half
    a nominal interval after its predecessor, which leaves room for the next true time.  When several in a
    row step back, the source's clock is taken to have started anew: what follows is shifted to go on from
    there.  An unknown time (NaN) is one interval after its predecessor.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._last_s = math.nan
        self._shift_s = 0.0
        self._run = 0
        self.repaired = 0

    def update(self, raw_s: float) -> float:
        """The time to use for a picture whose source says `raw_s`; seconds, NaN for unknown."""
        time_s = self._place(raw_s)
        self._last_s = time_s
        return time_s

    def _place(self, raw_s: float) -> float:
        if math.isnan(self._last_s):
            return raw_s if math.isfinite(raw_s) else 0.0
        if not math.isfinite(raw_s):
            return self._last_s + self._interval_s
        time_s = raw_s + self._shift_s
        if time_s > self._last_s:
            self._run = 0
            return time_s
        self.repaired += 1
        self._run += 1
        if self._run < _RESTART_AFTER:
            return self._last_s + self._interval_s / 2
        self._run = 0
        self._shift_s += self._last_s + self._interval_s - time_s
        return self._last_s + self._interval_s


class Account:
    """Counts what was read, so that facts become exact and damage is told.  Constant in memory."""

    def __init__(self, claim: SourceFacts) -> None:
        self._claim = claim
        self._first_s = math.nan
        self._last_s = math.nan
        self._typical_s = 1.0 / claim.fps
        self._count = 0
        self._damaged: list[float] = []
        self._damaged_count = 0
        self._gap_s = 0.0
        self._gap_count = 0
        self._gap_start_s = 0.0

    def update(self, time_s: float, after_damage: bool) -> None:
        """Note one picture; `after_damage` when something unreadable was skipped to get to it."""
        if self._count == 0:
            self._first_s = time_s
        if after_damage:
            self._damaged_count += 1
            if len(self._damaged) < _NAMED:
                self._damaged.append(time_s)
        if self._count:
            self._note_step(time_s - self._last_s)
        self._last_s = time_s
        self._count += 1

    def _note_step(self, step_s: float) -> None:
        if step_s > _GAP_S and step_s > _GAP_INTERVALS * self._typical_s:
            self._gap_start_s = self._gap_start_s if self._gap_count else self._last_s
            self._gap_count += 1
            self._gap_s += step_s
        else:
            self._typical_s += 0.1 * (step_s - self._typical_s)

    @property
    def _cut_short(self) -> bool:
        claimed_s = self._claim.duration_s
        if claimed_s is None:
            return False
        return claimed_s - self._end_s > max(_SHORT_S, _GAP_INTERVALS / self._claim.fps)

    @property
    def _fps(self) -> float:
        claimed = self._claim.fps
        if self._count < 2 or self._damaged_count or self._gap_count:
            return claimed  # missing pictures say nothing about the rate
        measured = (self._count - 1) / (self._last_s - self._first_s)
        return claimed if abs(measured / claimed - 1) <= _SAME_RATE else measured

    @property
    def _end_s(self) -> float:
        return self._last_s + 1 / self._fps if self._count else 0.0

    def facts(self) -> SourceFacts:
        """What was really read.  The claimed rate stays unless sound pictures contradict it by over 2 %.

        The length is from the first picture's time to the end of the last one.
        """
        length_s = self._end_s - self._first_s if self._count else 0.0
        return replace(self._claim, fps=self._fps, frame_count=self._count, duration_s=length_s)

    def warnings(self, repaired: int) -> tuple[str, ...]:
        """What the person should know about the file once it has been read to its end."""
        found: list[str] = []
        if self._damaged_count:
            found.append(self._damage_warning())
        elif 0 < self._gap_count <= max(1.0, _GAP_SHARE * self._count):
            found.append(
                f"No pictures for {self._gap_s:.1f} s in all, first after {self._gap_start_s:.1f} s; "
                "if the recording was not paused there, the file is damaged."
            )
        if self._cut_short:
            found.append(
                f"The file promises {self._claim.duration_s:.1f} s but its pictures end at "
                f"{self._end_s:.1f} s: it is probably cut short. What is there was used."
            )
        if repaired > 1:
            found.append(
                f"{repaired} pictures had times that repeat or step back; they were put between their "
                "neighbours."
            )
        return tuple(found)

    def _damage_warning(self) -> str:
        many = f"{self._damaged_count} damaged stretches were"
        if self._damaged_count == 1:
            many = "1 damaged stretch was"
        places = ", ".join(f"{time_s:.1f} s" for time_s in self._damaged)
        more = ", …" if self._damaged_count > len(self._damaged) else ""
        claimed = self._claim.frame_count
        missing = ""
        if claimed is not None and claimed > self._count and not self._cut_short:
            missing = f" ({claimed - self._count} of {claimed} pictures missing)"
        return f"{many} skipped before {places}{more}{missing}. The rest was used."
