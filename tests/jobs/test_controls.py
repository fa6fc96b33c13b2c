"""The keys that each window obeys."""

import numpy as np
import pytest

from coach.jobs.controls import Controls
from coach.output.live_view import ViewSettings

CANVAS = np.zeros((4, 4, 3), np.uint8)


class FakeWindow:
    closed = False
    full_screen = False

    def toggle_full_screen(self):
        self.full_screen = not self.full_screen


class FakeVoice:
    muted = False

    def hush(self):
        self.muted = not self.muted


@pytest.fixture
def window():
    return FakeWindow()


def test_keys_change_what_is_shown(window):
    settings, voice = ViewSettings(), FakeVoice()
    controls = Controls(window, voice, settings)
    for action in ("mirror", "help", "full-screen", "voice"):
        controls.act(action, CANVAS)
    assert not settings.mirrored
    assert settings.help
    assert window.full_screen
    assert voice.muted


def test_leaving_is_quitting_or_closing_the_window(window):
    controls = Controls(window, None, ViewSettings())
    assert not controls.left
    controls.act("quit", CANVAS)
    assert controls.left
    controls.quit, window.closed = False, True
    assert controls.left


def test_a_message_stands_for_a_moment(window, monkeypatch):
    now_s = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now_s[0])
    settings = ViewSettings()
    controls = Controls(window, None, settings)
    controls.act("voice", CANVAS)
    controls.expire_message()
    assert "coach doctor" in settings.message
    now_s[0] += 5.0
    controls.expire_message()
    assert settings.message == ""
