"""Who is in the picture: shape, skin, hair and clothes of a person, as plain data. Numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = tuple[float, float, float]
Legwear = Literal["shorts", "leggings", "sweatpants", "loose"]
Footwear = Literal["bare", "socks", "shoes"]
Hair = Literal["bald", "short", "bun", "long"]


@dataclass(frozen=True)
class Shape:
    """Body shape. `stature_m` is metres; the other numbers are sliders from 0 to 1.

    `gender`: 0 male, 1 female. `age`: 0.67 young adult, 1 old. `weight` and `muscle`: 0.5 average.
    `african`, `asian` and `caucasian` blend facial and bodily features and need not add up to 1.
    `hip_share` is the distance of the hip centres as a share of stature.
    """

    stature_m: float = 1.68
    gender: float = 1.0
    age: float = 0.68
    weight: float = 0.50
    muscle: float = 0.55
    proportions: float = 0.8
    african: float = 0.0
    asian: float = 0.2
    caucasian: float = 0.8
    hip_share: float = 0.105


@dataclass(frozen=True)
class Look:
    """Colours (sRGB, 0 to 1), hair and clothes.

    `sleeve` is how far the sleeve reaches: 0 shoulder, 1 elbow, 2 wrist. `trouser_fit_m` is how far loose
    or sweatpants stand off the leg.
    """

    skin: Colour = (0.80, 0.61, 0.50)
    shirt: Colour = (0.13, 0.35, 0.42)
    trousers: Colour = (0.10, 0.10, 0.12)
    footwear_colour: Colour = (0.80, 0.80, 0.82)
    hair_colour: Colour = (0.20, 0.12, 0.07)
    hair: Hair = "bun"
    sleeve: float = 0.55
    striped: bool = False
    legwear: Legwear = "leggings"
    trouser_fit_m: float = 0.012
    footwear: Footwear = "shoes"


@dataclass(frozen=True)
class Person:
    """One synthetic person."""

    shape: Shape = Shape()
    look: Look = Look()


PRESETS: dict[str, Person] = {
    "woman": Person(),
    "man": Person(
        Shape(1.82, 0.0, 0.69, 0.52, 0.60, 0.8, 0.0, 0.0, 1.0),
        Look(
            (0.78, 0.58, 0.46),
            (0.55, 0.14, 0.13),
            (0.16, 0.19, 0.30),
            (0.15, 0.15, 0.16),
            (0.10, 0.07, 0.05),
            "short",
            0.60,
            legwear="shorts",
        ),
    ),
    "dark-skinned-woman": Person(
        Shape(1.64, 1.0, 0.69, 0.62, 0.5, 0.6, 1.0, 0.0, 0.0),
        Look(
            (0.36, 0.23, 0.16),
            (0.82, 0.80, 0.74),
            (0.32, 0.12, 0.30),
            (0.30, 0.50, 0.60),
            (0.05, 0.04, 0.04),
            "bun",
            0.35,
            footwear="bare",
        ),
    ),
    "heavy-man": Person(
        Shape(1.75, 0.0, 0.80, 0.85, 0.45, 0.4, 0.0, 1.0, 0.0),
        Look(
            (0.76, 0.57, 0.42),
            (0.28, 0.30, 0.33),
            (0.24, 0.30, 0.22),
            (0.75, 0.75, 0.70),
            (0.25, 0.24, 0.23),
            "short",
            0.65,
            legwear="loose",
            trouser_fit_m=0.03,
            footwear="socks",
        ),
    ),
    "old-woman": Person(
        Shape(1.58, 1.0, 0.95, 0.60, 0.4, 0.5, 0.0, 0.0, 1.0),
        Look(
            (0.84, 0.68, 0.60),
            (0.60, 0.42, 0.62),
            (0.20, 0.22, 0.25),
            (0.60, 0.60, 0.62),
            (0.72, 0.70, 0.68),
            "long",
            1.8,
            legwear="sweatpants",
            footwear="socks",
        ),
    ),
}
"""Five hand-made people, for pictures and tests."""
