"""The live screen in every state, on every screen: nothing cut off, the count large, all accessible."""

import json
import re
import shutil

import pytest
from web_client import LIVE, Browser, PoseReader, make_settings
from web_server import running

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

SCREENS = [(360, 640), (390, 844), (820, 1180), (844, 390), (1024, 768), (1440, 900), (1920, 1080)]
LONG = "Sit on the floor and bend your knees, feet flat."
STATES = {
    "set-up": {"stage": "framing", "prompt": LONG, "cue": True},
    "countdown": {"stage": "countdown", "prompt": "Get ready", "countdown": 3},
    "working": {},
    "hold": {"hold": [4.0, 30.0], "prompt": "Hold"},
    "cue": {"prompt": LONG, "cue": True, "note": "Rotation cannot be measured from here."},
    "paused": {"stage": "paused", "prompt": "Raise a hand to go on"},
    "rest": {"stage": "rest", "prompt": "Rest", "note": "Set 2 of 2, left leg.", "rest_s": 24.0},
}
CUT_OFF = """() => {
  const floor = document.querySelector('.live .tools').getBoundingClientRect().top + 1;
  const parts = '.live .panel > div > *, .live .words > *, .live .tools > *, .ring b';
  const shown = [...document.querySelectorAll(parts)];
  return shown.filter((element) => element.getClientRects().length).filter((element) => {
    const box = element.getBoundingClientRect();
    const bottom = element.closest('.tools') ? innerHeight + 1 : floor;
    return box.bottom > bottom || box.right > innerWidth + 1 || box.left < -1 || box.top < -1;
  }).map((element) => element.getAttribute('class') ?? element.tagName);
}"""
COUNT_PX = "document.querySelector('.tally b').getBoundingClientRect().height"


@pytest.fixture
def states(client, poses):
    """As the engine gives them: while setting up, and in the middle of a rep."""
    with client.websocket_connect(LIVE) as socket:
        browser = Browser(socket)
        browser.greet(countdown_s=0, side="left", sets=2)
        browser.play(poses[:120])
        browser.stop()
    setting_up = next(state for state in browser.states if state["checks"])
    working = next(state for state in reversed(browser.states) if state["stage"] == "working")
    return {
        name: {**(setting_up if name in ("set-up", "countdown") else working), **changes}
        for name, changes in STATES.items()
    }


@pytest.fixture
def show(tmp_path, poses):
    """The live screen, whose server says only what the test wants; gives the page and how to say it."""
    settings = make_settings(tmp_path)
    with (
        running(settings, lambda _model: PoseReader(poses)) as served,
        playwright.sync_playwright() as engine,
    ):
        flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(base_url=f"http://127.0.0.1:{served.port}", reduced_motion="reduce")
        routes = []

        def answer(route):
            routes.append(route)
            route.on_message(lambda message: greet(route) if isinstance(message, str) else None)

        def greet(route):
            route.send(json.dumps({"type": "welcome", "token": "t", "resumed": False}))

        page.route_web_socket(re.compile("/api/live$"), answer)
        page.goto("/coach/seated")
        page.click("#start")
        page.click("text=I have read this")
        page.wait_for_selector("text=Looking for you")

        def say(state):
            routes[-1].send(json.dumps(state))
            page.wait_for_selector(f".live[data-stage={state['stage']}]")
            page.wait_for_timeout(50)

        yield page, say
        browser.close()


def test_nothing_is_cut_off_on_any_screen(show, states):
    page, say = show
    for name, state in states.items():
        say(state)
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(CUT_OFF) == [], (name, width, height)
            if not state["checks"]:
                assert page.evaluate(COUNT_PX) >= 0.1 * height, (name, width, height)


def test_every_state_is_accessible(show, states):
    page, say = show
    for name, state in states.items():
        say(state)
        violations = axe_playwright.Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == [], name


def test_what_is_said_is_told_to_a_screen_reader(show, states):
    page, say = show
    say({**states["working"], "says": [{"text": "Seven", "kind": "count"}]})
    page.wait_for_selector("#announcer:has-text('Seven')", state="attached")
