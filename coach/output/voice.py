"""Says things out loud, one at a time, in time or not at all; beeps where nothing here can speak."""

import contextlib
import importlib
import importlib.util
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from coach.live.state import Say, SpeechKind

LATEST_START_S: Final = 1.5
"""What cannot be said within this time after its event is not said at all."""

_RANK: Final[dict[SpeechKind, int]] = {"stop": 0, "count": 1, "stage": 2, "cue": 3, "guide": 4}
_WORDS_PER_MINUTE: Final = "165"
_LONGEST_S: Final = 30.0
_POLL_S: Final = 0.01
_NUMBER_S: Final = 0.8  # espeak-ng: 0.4 to 0.7 s for the numbers to twenty


class Mouth(Protocol):
    """Something that makes a sentence audible."""

    @property
    def name(self) -> str:
        """What it is, for people."""
        ...

    def speak(self, say: Say, stop: Callable[[], bool]) -> bool:
        """Speak and return when done, or early once `stop()` is true; False when nothing can be heard."""
        ...


class ProgramMouth:
    """Speaks with a program of the system, a new process per sentence: espeak-ng, say."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self.name = Path(command[0]).name

    def speak(self, say: Say, stop: Callable[[], bool]) -> bool:
        """See `Mouth.speak`."""
        try:
            process = subprocess.Popen(
                [*self._command, say.text],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError:
            return False
        with process:
            until_s = time.monotonic() + _LONGEST_S
            while process.poll() is None:
                if stop() or time.monotonic() > until_s:
                    process.kill()
                    return True
                time.sleep(_POLL_S)
            complaint = process.stderr.read() if process.stderr else b""
            # Without a sound card espeak-ng complains and still ends with 0.
            return process.returncode == 0 and b"error" not in complaint.lower()


class LibraryMouth:
    """Speaks with pyttsx3, which brings the voices of Windows and macOS; made in the thread that uses it."""

    name = "pyttsx3"

    def speak(self, say: Say, stop: Callable[[], bool]) -> bool:
        """See `Mouth.speak`; cannot be stopped half-way."""
        try:
            engine = importlib.import_module("pyttsx3").init()
            engine.setProperty("rate", int(_WORDS_PER_MINUTE))
            engine.say(say.text)
            engine.runAndWait()
        except (RuntimeError, OSError, ImportError, KeyError, ValueError):
            return False
        return True


class BeepMouth:
    """Two tones instead of words: high for a number, low for a correction; nothing for the rest."""

    name = "beeps"

    def __init__(self, player: Sequence[str], folder: Path) -> None:
        from coach.output.tones import write_tone  # noqa: PLC0415

        self._player = tuple(player)
        self._files: dict[SpeechKind, Path] = {
            "count": write_tone(folder / "count.wav", (880.0,)),
            "cue": write_tone(folder / "cue.wav", (392.0, 330.0)),
            "stage": write_tone(folder / "stage.wav", (523.0, 659.0, 784.0)),
            "stop": write_tone(folder / "stop.wav", (659.0, 523.0)),
        }

    def speak(self, say: Say, stop: Callable[[], bool]) -> bool:
        """See `Mouth.speak`."""
        file = self._files.get(say.kind)
        return file is None or ProgramMouth(self._player).speak(Say(str(file), say.kind, say.time_s), stop)


class Voice:
    """Says one thing at a time in a thread of its own; one more may wait, and nothing is said late.

    What waits is replaced by something as urgent or more; a long set-up sentence is broken off for a number,
    a stage or a stop, and what follows a number ("4. Two more.") for a correction or the next number.
    `log`, for those who want to check, is told (say, event's time, start) of each one.
    """

    def __init__(
        self,
        mouth: Mouth,
        log: Callable[[Say, float, float], None] | None = None,
        on_silent: Callable[[str], None] | None = None,
    ) -> None:
        self.muted = False
        self._mouth = mouth
        self._log = log
        self._on_silent = on_silent
        self._changed = threading.Condition()
        self._waiting: tuple[Say, float] | None = None
        self._speaking: Say | None = None
        self._since_s = 0.0
        self._break_off = False
        self._closed = False
        self.late = 0
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """What speaks."""
        return self._mouth.name

    def say(self, say: Say, born_s: float) -> None:
        """Ask for a sentence; `born_s` is its event's time on `time.monotonic()`."""
        if self.muted:
            return
        with self._changed:
            if self._waiting is not None and _RANK[self._waiting[0].kind] < _RANK[say.kind]:
                still_fresh = time.monotonic() - self._waiting[1] <= LATEST_START_S
                if still_fresh:
                    return
            self._waiting = (say, born_s)
            self._changed.notify()

    def hush(self) -> None:
        """Mute or unmute; muting also breaks off."""
        self.muted = not self.muted
        with self._changed:
            if self.muted:
                self._waiting, self._break_off = None, True

    def close(self, patience_s: float = 3.0) -> None:
        """Let the last sentence end, then stop; idempotent."""
        until_s = time.monotonic() + patience_s
        while (self._speaking or self._waiting) and self._thread.is_alive() and time.monotonic() < until_s:
            time.sleep(_POLL_S)
        with self._changed:
            self._closed, self._break_off, self._waiting = True, True, None
            self._changed.notify()
        self._thread.join(2.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(3.0 if kind is None else 0.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._speaking = None
                while self._waiting is None and not self._closed:
                    self._changed.wait()
                if self._closed or self._waiting is None:
                    return
                say, born_s = self._waiting
                self._waiting, self._break_off = None, False
                now_s = time.monotonic()
                if now_s - born_s > LATEST_START_S:
                    self.late += 1
                    continue
                self._speaking, self._since_s = say, now_s
            if self._log is not None:
                self._log(say, born_s, now_s)
            if not self._mouth.speak(say, self._should_stop):
                self._give_up()

    def _should_stop(self) -> bool:
        """Whether to break off: asked again and again, since what waits may have to for a moment only."""
        waiting, speaking = self._waiting, self._speaking
        if waiting is None or speaking is None:
            return self._break_off
        spoken_s = time.monotonic() - self._since_s
        return self._break_off or _may_interrupt(waiting[0].kind, speaking.kind, spoken_s)

    def _give_up(self) -> None:
        if not self.muted:
            self.muted = True
            if self._on_silent is not None:
                self._on_silent("No sound comes out of this computer: going on without a voice.")


def _may_interrupt(new: SpeechKind, running: SpeechKind, spoken_s: float) -> bool:
    """Stops break off everything but stops; numbers and stages break off guidance and corrections.

    A number or a correction breaks off what is left of a number's sentence once the number has been said.
    """
    if new == "stop":
        return running != "stop"
    if new in ("count", "cue") and running == "count":
        return spoken_s > _NUMBER_S
    return running in ("guide", "cue") and new in ("count", "stage")


def find_mouth(folder: Path, system: str = sys.platform) -> Mouth | None:
    """The best mouth on this machine, None for a mute one.  `folder` may take sound files."""
    programs = {"darwin": (("say", "-r", "180"),)}.get(
        # -z: without a third of a second of silence after each sentence, for which the next one would wait
        system,
        (("espeak-ng", "-z", "-s", _WORDS_PER_MINUTE), ("espeak", "-z", "-s", _WORDS_PER_MINUTE)),
    )
    if not system.startswith("win"):
        for program in programs:
            if shutil.which(program[0]):
                return ProgramMouth(program)
    if system in ("darwin", "win32") and _has_pyttsx3():
        return LibraryMouth()
    players = (("afplay",), ("paplay",), ("pw-play",), ("aplay", "-q"))
    for player in players:
        if shutil.which(player[0]):
            with contextlib.suppress(OSError):
                return BeepMouth(player, folder)
    return None


def _has_pyttsx3() -> bool:
    return importlib.util.find_spec("pyttsx3") is not None
