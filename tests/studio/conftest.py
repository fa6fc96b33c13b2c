"""Fixtures of the studio's tests; the body model is loaded once and only where it is installed."""

import importlib.util
from functools import lru_cache

import pytest

from studio.recipe import Recipe
from studio.sensor import SensorPlan
from studio.timeline import Movement

HAS_BODY_MODEL = all(importlib.util.find_spec(name) for name in ("anny", "torch", "scipy"))
SMALL = SensorPlan(fps=5.0, width=160, height=120, noise=1.5)


@pytest.fixture
def body_model() -> None:
    """Skips where the body model is not installed."""
    if not HAS_BODY_MODEL:
        pytest.skip("needs the body model: pip install -e '.[studio]'")


@pytest.fixture
def graphics(body_model: None) -> None:
    """Skips where nothing can be drawn."""
    if importlib.util.find_spec("moderngl") is None:
        pytest.skip("needs the renderer: pip install -e '.[studio]'")
    problem = graphics_problem()
    if problem:
        pytest.skip(f"no off-screen OpenGL here: {problem}")


@lru_cache(maxsize=1)
def graphics_problem() -> str | None:
    from studio.renderer import Renderer

    try:
        with Renderer((16, 16)):
            return None
    except Exception as error:  # noqa: BLE001 - drivers fail in many ways; any of them means skip
        return str(error)


@pytest.fixture
def small_recipe() -> Recipe:
    """Two short movements, the second only half done, at a size that renders in no time."""
    movements = (Movement(1.0, 0.6, 0.6, 0.6, 0.3, cycle=0), Movement(0.4, 0.4, 0.2, 0.4, 0.2, True, 1))
    return Recipe("rom-seated", side="right", movements=movements, lead_s=0.6, sensor=SMALL, seed=3)
