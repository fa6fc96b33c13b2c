"""The postures in which the range of hip rotation is measured, and what each asks for."""

from dataclasses import dataclass
from typing import Literal

from coach.exercise.lesson import Lesson
from coach.rotation.estimator import FRONTAL, Reading
from coach.rotation.posture import Posture

ProtocolId = Literal["seated", "prone", "supine"]
PROTOCOL_IDS: tuple[ProtocolId, ...] = ("seated", "prone", "supine")


@dataclass(frozen=True, slots=True)
class Protocol:
    """One posture of the test.

    instructions      what to do, in order
    camera            where the camera goes
    hip_flexion_deg, knee_flexion_deg   limits, both legs, in the neutral pose as the pose model sees them:
                      it draws right angles as 50 to 80 degrees
    upright           whether the trunk stands upright in the picture
    reading           how rotation is read
    withheld          why no camera place carries this posture, None when one does
    """

    id: ProtocolId
    name: str
    instructions: tuple[str, ...]
    camera: str
    hip_flexion_deg: tuple[float, float]
    knee_flexion_deg: tuple[float, float]
    upright: bool
    reading: Reading = FRONTAL
    withheld: str | None = None


PROTOCOLS: dict[ProtocolId, Protocol] = {
    "seated": Protocol(
        "seated",
        "Hip rotation, seated",
        (
            "Sit on the edge of a table or high chair, thighs side by side, feet off the floor.",
            "Let both lower legs hang straight down and hold still for two seconds.",
            "Swing one foot outwards as far as it goes (the hip turns in); stay there for two seconds, and "
            "come back. Three times.",
            "Swing the same foot inwards, in front of the other leg (the hip turns out), in the same way.",
            "Then the other leg. Both buttocks stay down and the trunk upright throughout.",
        ),
        "In front of you, at knee height or a little above, so that both knees point at it.",
        (35.0, 135.0),
        (35.0, 135.0),
        upright=True,
        # The thigh lies on the seat; yet the knee of a leg turned far in is drawn well towards its ankle.
        reading=Reading(
            posture=Posture(drawn_inwards_deg=2.0), thigh_tolerance=1.0, learned=Lesson("rom-seated")
        ),
    ),
    "prone": Protocol(
        "prone",
        "Hip rotation, lying face down",
        ("Lie face down, one knee bent to a right angle.",),
        "None is known.",
        (-45.0, 45.0),
        (35.0, 135.0),
        upright=False,
        withheld="prone_not_measurable",
    ),
    "supine": Protocol(
        "supine",
        "Hip rotation, lying on the back",
        ("Lie on your back, hip and knee bent to right angles.",),
        "None is known.",
        (35.0, 135.0),
        (35.0, 135.0),
        upright=False,
        withheld="supine_not_measurable",
    ),
}
