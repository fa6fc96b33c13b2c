"""Fixtures of the web page's tests."""

import contextlib

import pytest
from fastapi.testclient import TestClient
from live_actors import chain, sit, turn
from web_client import ORIGIN, PoseReader, make_settings

from coach.web.app import make_app


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    """Neither the history nor the safety mark of whoever runs the tests is touched."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def poses():
    """Sitting still for a second, then three reps of the left leg."""
    return chain(sit(1.0), turn([30, 30, 30]))


@pytest.fixture
def serve(tmp_path, poses):
    """Makes a client of a server with these limits; the origin is its own unless told otherwise."""
    with contextlib.ExitStack() as stack:

        def make(limits=None, detector=None, origin=ORIGIN, **changes):
            settings = make_settings(tmp_path, limits, **changes)
            app = make_app(settings, lambda _model: detector or PoseReader(poses))
            headers = {"origin": origin} if origin else {}
            return stack.enter_context(TestClient(app, base_url=ORIGIN, headers=headers))

        yield make


@pytest.fixture
def client(serve):
    return serve()
