"""Camera, model, session and outputs put together; what fails beside the session does not end it."""

from live_actors import Known, Played, chain, sit, turn
from simple_specs import make_spec

from coach.errors import InputError
from coach.jobs.coach_live import Coaching, LiveOutputs
from coach.live.plan import Plan
from coach.output.history import History
from coach.output.recorder import Recorder

SEATED = make_spec(id="seated", name="Seated rotation", instructions=("Sit.", "Turn one leg in."))


class FullDisk:
    """A sink that takes a few ticks and then cannot write any more."""

    def __init__(self):
        self.taken = 0

    def write(self, _tick, _image):
        self.taken += 1
        if self.taken > 10:
            raise InputError("No space left.")


def coach(poses, outputs, **plan):
    states = []
    outputs.on_state = states.append
    plans = {"seated": Plan(2, 1, 5.0, 0.0, "left", **plan)}
    coaching = Coaching(Played(poses), lambda: Known(poses), {"seated": SEATED}, plans, outputs)
    coaching.start("seated")
    assert coaching.wait(30)
    coaching.stop()
    return coaching, states


def test_a_full_disk_costs_the_poses_but_not_the_session():
    disk, notes = FullDisk(), []
    outputs = LiveOutputs(landmarks=disk, warn=notes.append)
    coaching, _ = coach(turn([30, 30]), outputs)
    assert coaching.finished[0].summary.sides["left"].rep_count == 2
    assert disk.taken == 11
    assert notes == ["No space left. The session goes on without keeping the poses."]


def test_an_exercise_is_explained_the_first_time_only(tmp_path):
    with History(f"sqlite:///{tmp_path / 'h.sqlite3'}") as history:

        def play_once():
            outputs = LiveOutputs(recorder=Recorder(history, "camera", "m", print))
            states = coach(chain(sit(30.0), turn([30, 30])), outputs, explain=True)[1]
            return [say.text for state in states for say in state.says]

        assert "Turn one leg in." in play_once()
        assert "Turn one leg in." not in play_once()
