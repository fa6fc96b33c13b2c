"""A browser for tests: it sends pictures that carry a pose's number, and a detector reads it off."""

import time
from dataclasses import replace
from math import inf

import cv2
import numpy as np
from live_actors import LOOK
from simple_specs import make_spec

from coach.body.pose import Pose
from coach.web.frames import HEADER
from coach.web.settings import Limits, Settings

SEATED = make_spec(id="seated", name="Seated rotation")
ORIGIN = "http://127.0.0.1:8765"
LIVE = "ws://127.0.0.1:8765/api/live"
WIDTH, HEIGHT = 320, 180
_BITS = 16


def make_settings(folder, limits=None, **changes):
    """As `coach serve` has them, in a folder of its own; a browser's clock may run as fast as a test does."""
    settings = Settings(
        specs={"seated": SEATED},
        folder=folder / "web",
        history=f"sqlite:///{folder / 'history.sqlite3'}",
        limits=replace(limits or Limits(), ahead_s=inf),
    )
    return replace(settings, **changes)


def picture(number):
    """A JPEG with `number` as sixteen black or white stripes."""
    bits = [(number >> i) & 1 for i in range(_BITS)]
    row = np.repeat(np.array(bits, np.uint8) * 200 + 30, WIDTH // _BITS)
    image = np.broadcast_to(row[None, :, None], (HEIGHT, WIDTH, 3))
    return cv2.imencode(".jpg", np.ascontiguousarray(image))[1].tobytes()


def frame(seq, time_s, jpeg):
    return HEADER.pack(seq, time_s) + jpeg


class PoseReader:
    """A detector: the pose whose number the picture shows, at the picture's own time."""

    model = "scripted"

    def __init__(self, poses, delay_s=0.0):
        scale = np.array([WIDTH / LOOK.width_px, HEIGHT / LOOK.height_px])
        self._poses = [Pose(p.time_s, p.image_px * scale, p.world_m, p.visibility) for p in poses]
        self._delay_s = delay_s

    def detect(self, given):
        time.sleep(self._delay_s)
        step = WIDTH // _BITS
        stripes = given.image[HEIGHT // 2, step // 2 :: step, 0]
        number = sum(int(value > 128) << i for i, value in enumerate(stripes))
        pose = self._poses[number]
        return Pose(given.time_s, pose.image_px, pose.world_m, pose.visibility)

    def close(self):
        pass


class Browser:
    """The page's side of the protocol, over any socket with Starlette's test methods."""

    def __init__(self, socket, clock="one"):
        self.socket = socket
        self.clock = clock
        self.seq = 0
        self.token = None
        self.states = []

    def greet(self, **hello):
        """Say hello; returns the first message that is not "loading"."""
        self.socket.send_json({"mode": "coach", "exercise": "seated", "clock": self.clock, **hello})
        message = self.socket.receive_json()
        while message["type"] == "loading":
            message = self.socket.receive_json()
        self.token = message.get("token")
        return message

    def show(self, number, time_s):
        """Send a picture and wait until it is answered; the answer."""
        self.seq += 1
        self.socket.send_bytes(frame(self.seq, time_s, picture(number)))
        return self.await_seq(self.seq)

    def await_seq(self, seq):
        while True:
            message = self.socket.receive_json()
            if message["type"] == "state":
                self.states.append(message)
            if message["type"] == "over" or (message.get("seq") or 0) >= seq:
                return message

    def play(self, poses, *, skip=lambda pose: False, first=0):
        """Show poses one after the other, each at its own time."""
        for number, pose in enumerate(poses[first:], first):
            if not skip(pose):
                self.show(number, pose.time_s)

    def stop(self):
        """Ask for the end; the last message."""
        self.socket.send_json({"type": "stop"})
        message = self.socket.receive_json()
        while message["type"] != "over":
            message = self.socket.receive_json()
        return message

    @property
    def counts(self):
        return [state["progress"]["count"] for state in self.states]

    def said(self):
        return [say["text"] for state in self.states for say in state["says"]]


def reps_of(message, side="left"):
    """Valid reps in the last message."""
    return sum(rep["valid"] for rep in message["result"]["summary"]["sides"][side]["reps"])
