"""The voice: in time, one thing at a time, or not at all."""

import shutil
import threading
import time
import wave
from itertools import pairwise

import pytest

from coach.exercise.events import Hold
from coach.live.state import Say
from coach.live.talk import Advice, HoldTalk, describe_short_hold, merge_says
from coach.output.tones import make_tone, write_tone
from coach.output.voice import LATEST_START_S, BeepMouth, ProgramMouth, Voice, find_mouth

NEEDS_ESPEAK = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")


class FakeMouth:
    """Speaks for a given time and remembers when."""

    name = "fake"

    def __init__(self, seconds=0.1, heard=True):
        self.seconds, self.heard = seconds, heard
        self.spoken = []

    def speak(self, say, stop):
        start_s, seconds = time.monotonic(), self.seconds
        while time.monotonic() - start_s < seconds and not stop():
            time.sleep(0.002)
        self.spoken.append((say.text, start_s, time.monotonic()))
        return self.heard


def say(text, kind="count"):
    return Say(text, kind, 0.0)


def wait_for(condition, limit_s=5.0):
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s, "waited too long"
        time.sleep(0.005)


def texts(mouth):
    return [text for text, _, _ in mouth.spoken]


def test_speech_starts_soon_after_its_event():
    mouth = FakeMouth(0.01)
    delays = []
    with Voice(mouth, log=lambda _say, born_s, start_s: delays.append(start_s - born_s)) as voice:
        for number in range(10):
            voice.say(say(str(number)), time.monotonic())
            time.sleep(0.05)
    assert len(delays) == 10
    assert max(delays) <= 0.3


def test_nothing_is_said_late():
    mouth = FakeMouth(0.01)
    with Voice(mouth) as voice:
        voice.say(say("old", "cue"), time.monotonic() - LATEST_START_S - 0.1)
        wait_for(lambda: voice.late == 1)
        voice.say(say("new", "cue"), time.monotonic())
    assert texts(mouth) == ["new"]


def test_it_never_talks_over_itself():
    mouth = FakeMouth(0.05)
    with Voice(mouth) as voice:
        for number in range(20):
            voice.say(say(str(number)), time.monotonic())
            time.sleep(0.013)
    assert all(end_s <= start_s for (_, _, end_s), (_, start_s, _) in pairwise(mouth.spoken))


def test_only_one_thing_waits_and_the_newer_one_wins():
    mouth = FakeMouth(0.2)
    with Voice(mouth) as voice:
        voice.say(say("one"), time.monotonic())
        wait_for(lambda: voice._speaking is not None)
        for text in ("two", "three", "four"):
            voice.say(say(text), time.monotonic())
    assert texts(mouth) == ["one", "four"]


def test_a_number_is_not_displaced_by_advice():
    mouth = FakeMouth(0.2)
    with Voice(mouth) as voice:
        voice.say(say("1"), time.monotonic())
        wait_for(lambda: voice._speaking is not None)
        voice.say(say("2"), time.monotonic())
        voice.say(say("sit tall", "cue"), time.monotonic())
    assert texts(mouth) == ["1", "2"]


def test_a_long_explanation_is_broken_off_for_a_number():
    mouth = FakeMouth(5.0)
    with Voice(mouth) as voice:
        voice.say(say("a long explanation", "guide"), time.monotonic())
        wait_for(lambda: voice._speaking is not None)
        mouth.seconds = 0.01
        voice.say(say("1"), time.monotonic())
        wait_for(lambda: "1" in texts(mouth), 2.0)


def test_advice_does_not_break_off_a_number():
    mouth = FakeMouth(0.1)
    with Voice(mouth) as voice:
        voice.say(say("1"), time.monotonic())
        wait_for(lambda: voice._speaking is not None)
        voice.say(say("sit tall", "cue"), time.monotonic())
    (_, start_s, end_s), _ = mouth.spoken
    assert end_s - start_s >= 0.1


@pytest.mark.parametrize("running", ["count", "stage"])
def test_a_number_does_not_break_off_numbers_and_announcements(running):
    mouth = FakeMouth(0.1)
    with Voice(mouth) as voice:
        voice.say(say("first", running), time.monotonic())
        wait_for(lambda: voice._speaking is not None)
        voice.say(say("2"), time.monotonic())
    (_, start_s, end_s), _ = mouth.spoken
    assert end_s - start_s >= 0.1


def test_the_next_number_does_not_wait_for_what_followed_the_last_one():
    mouth = FakeMouth(3.0)
    with Voice(mouth) as voice:
        voice.say(say("4. Two more."), time.monotonic())
        time.sleep(1.1)
        mouth.seconds = 0.01
        asked_s = time.monotonic()
        voice.say(say("5. One more."), asked_s)
        wait_for(lambda: len(mouth.spoken) == 2, 1.0)
    assert mouth.spoken[1][1] - asked_s <= 0.3


@pytest.mark.parametrize("kind", ["count", "cue"])
def test_what_is_asked_for_during_a_number_waits_for_no_more_than_that(kind):
    mouth = FakeMouth(3.0)
    with Voice(mouth) as voice:
        voice.say(say("4. Two more."), time.monotonic())
        time.sleep(0.6)
        mouth.seconds = 0.01
        voice.say(say("5. One more.", kind), time.monotonic())
        wait_for(lambda: len(mouth.spoken) == 2, 1.0)
    (_, start_s, end_s), (_, next_s, _) = mouth.spoken
    assert end_s - start_s >= 0.75
    assert next_s - start_s <= 1.1


def test_the_next_hold_is_called_at_once_though_the_last_one_is_still_being_remarked_on():
    mouth = FakeMouth(2.0)
    with Voice(mouth) as voice:
        voice.say(
            describe_short_hold(Hold("left", 0.0, 3.0, 3.0, 8.0, completed=False), 6.0), time.monotonic()
        )
        time.sleep(0.3)
        mouth.seconds = 0.01
        asked_s = time.monotonic()
        (call,) = HoldTalk(8.0).update(0.3, 6.3)
        voice.say(call, asked_s)
        wait_for(lambda: len(mouth.spoken) == 2, 1.0)
    assert texts(mouth) == ["Hold it longer: 8 seconds.", "Hold."]
    assert mouth.spoken[1][1] - asked_s <= 0.3


def test_muting_breaks_off_and_keeps_silent():
    mouth = FakeMouth(5.0)
    with Voice(mouth) as voice:
        voice.say(say("1"), time.monotonic())
        wait_for(lambda: voice._speaking is not None)
        voice.hush()
        wait_for(lambda: len(mouth.spoken) == 1, 1.0)
        voice.say(say("2"), time.monotonic())
        time.sleep(0.05)
        voice.hush()
        mouth.seconds = 0.01
        voice.say(say("3"), time.monotonic())
    assert texts(mouth) == ["1", "3"]


def test_a_mouth_without_sound_is_given_up_with_one_sentence():
    notes = []
    with Voice(FakeMouth(0.0, heard=False), on_silent=notes.append) as voice:
        voice.say(say("1"), time.monotonic())
        wait_for(lambda: voice.muted)
        voice.say(say("2"), time.monotonic())
    assert len(notes) == 1


def test_closing_does_not_leave_the_thread():
    before = threading.active_count()
    with Voice(FakeMouth(0.01)) as voice:
        voice.say(say("1"), time.monotonic())
    voice.close()
    assert threading.active_count() <= before


def test_a_missing_program_is_no_crash():
    assert ProgramMouth(["/nonexistent/speaker"]).speak(say("x"), lambda: False) is False


def test_a_program_that_complains_about_the_sound_card_is_silent(tmp_path):
    program = tmp_path / "speaker"
    program.write_text("#!/bin/sh\necho 'error: no sound card' >&2\n")
    program.chmod(0o755)
    assert ProgramMouth([str(program)]).speak(say("x"), lambda: False) is False


def test_without_a_voice_there_are_tones(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/aplay" if name == "aplay" else None)
    mouth = find_mouth(tmp_path, "linux")
    assert isinstance(mouth, BeepMouth)
    assert (tmp_path / "count.wav").is_file()
    assert mouth.speak(say("long words", "guide"), lambda: False)


def test_with_nothing_at_all_there_is_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert find_mouth(tmp_path, "linux") is None


def test_tones_are_valid_sound_files(tmp_path):
    with wave.open(str(write_tone(tmp_path / "a.wav", (440.0, 880.0)))) as file:
        assert 0.1 < file.getnframes() / file.getframerate() < 0.5
    assert len(make_tone((440.0,))) > 1000


@NEEDS_ESPEAK
def test_espeak_speaks_into_a_file(tmp_path):
    target = tmp_path / "spoken.wav"
    mouth = ProgramMouth(["espeak-ng", "-w", str(target)])
    with Voice(mouth) as voice:
        voice.say(say("Keep both hips stacked."), time.monotonic())
    with wave.open(str(target)) as file:
        assert file.getnframes() / file.getframerate() > 0.5


# -- what is said


def test_what_happens_at_once_is_one_sentence():
    merged = merge_says([say("10"), say("Change legs.", "stage"), say("x", "guide")])
    assert merged is not None
    assert merged.text == "10. Change legs."
    assert merged.kind == "count"
    assert merge_says([]) is None
    stop = merge_says([say("1"), say("Paused.", "stop")])
    assert stop is not None
    assert stop.text == "Paused."


def test_a_hold_is_counted_down_once():
    talk = HoldTalk(30.0)
    words = [s.text for i in range(320) for s in talk.update(i / 10, i / 10)]
    assert words == ["Hold.", "15 seconds left.", "3", "2", "1", "And release."]


def test_a_very_short_hold_has_no_time_for_numbers():
    talk = HoldTalk(1.0)
    words = [s.text for i in range(30) for s in talk.update(i / 20, i / 20)]
    assert words == ["Hold.", "And release."]


def test_a_hold_starts_anew_after_it_ended():
    talk = HoldTalk(2.0)
    once = [s.text for i in range(25) for s in talk.update(i / 10, i / 10)]
    talk.update(0.0, 3.0)
    again = [s.text for i in range(1, 25) for s in talk.update(i / 10, 3 + i / 10)]
    assert once == again


def test_advice_that_flickers_is_not_said():
    advice = Advice()
    says = [s for i in range(100) for s in advice.update("a" if i % 2 else "b", i * 0.1)]
    assert says == []
