import os
import subprocess
import sys

import pytest

from coach.errors import ModelError
from coach.vision.quiet import chatter_held_back, without_chatter

CHATTER = b"""\
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
WARNING: Logging before InitGoogle() is written to STDERR
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
WARNING: Read-only tensor #1 (model/Pad) has an unaligned buffer (0x7f, required alignment 4); copying to it
WARNING: [model_load.cc:402] Sparsity tensors may not yet be fully supported.
INFO: [accelerator_registry.cc:54] RegisterAccelerator: ptr=0x7efcd4004ab0, name=CpuAccelerator
W0000 00:00:1795367358.696779   12813 inference_feedback_manager.cc:121] Feedback manager requires a model
I0000 00:00:1795367358.696779 12813 gl_context.cc:369] GL version: 3.2
"""
MESSAGES = b"""\
E0000 00:00:1795367358.696779   12813 thing.cc:12] It broke
F0000 00:00:1795367358.696779   12813 thing.cc:12] It died
ERROR: [model_load.cc:17] The model is damaged
WARNING: the battery is low
INFO: rep 3
Traceback (most recent call last):
no newline at the end"""


def test_known_chatter_is_dropped_and_everything_else_kept() -> None:
    assert without_chatter(CHATTER) == b""
    assert without_chatter(CHATTER + MESSAGES) == MESSAGES


def test_what_is_written_to_the_descriptor_comes_out_afterwards(capfd: pytest.CaptureFixture[str]) -> None:
    with chatter_held_back():
        os.write(2, CHATTER + b"a real message\n")
        print("from Python", file=sys.__stderr__, flush=True)
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "a real message\nfrom Python\n"


def test_an_error_inside_keeps_its_messages_and_restores_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), chatter_held_back():
        os.write(2, b"why it failed\n")
        raise KeyError
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "why it failed\nafter\n"


def test_an_error_of_ours_takes_what_was_said_with_it(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError) as caught, chatter_held_back():
        os.write(2, b"E0000 pages\nof trace\n")
        raise ModelError("a sentence")
    assert str(caught.value) == "a sentence"
    assert caught.value.__notes__ == ["E0000 pages\nof trace\n"]
    assert capfd.readouterr().err == ""


def test_nesting_is_harmless_and_descriptors_are_not_used_up(capfd: pytest.CaptureFixture[str]) -> None:
    before = os.dup(2)
    os.close(before)
    for _ in range(50):
        with chatter_held_back(), chatter_held_back():
            os.write(2, CHATTER)
    after = os.dup(2)
    os.close(after)
    assert after == before
    assert capfd.readouterr().err == ""


def test_a_process_without_stderr_can_use_it() -> None:
    code = (
        "import os; os.close(2)\n"
        "from coach.vision.quiet import chatter_held_back\n"
        "with chatter_held_back(): print('fine')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("fine\n", 0)
