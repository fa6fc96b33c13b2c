"""Fixtures shared by all tests."""

import pytest

from coach.vision.model_store import Model, find_model


@pytest.fixture(scope="session")
def pose_model() -> Model:
    """The real model, pruned, from the user's cache; fetched once where it is not there yet."""
    return find_model(progress=False)
