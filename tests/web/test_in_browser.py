"""The whole page in a real browser with a rendered person as its webcam: coach, measure, analyse, history."""

import json
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fake_webcam import SAMPLES, write_camera_clip
from web_client import make_settings
from web_server import running

from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.spec import load_specs
from coach.jobs.analyze import Job, analyze
from coach.jobs.measure import MeasureJob, measure
from coach.jobs.recorded import open_detector
from coach.web.settings import Limits

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

FPS = 10
LEAD_S = 9.0  # the first picture stands still: time to load the model and to count down
TAIL_S = 30.0  # the last picture stands still, so that nothing starts again before the test has looked
WIDTHS = {390: ("dark",), 820: (), 1440: ("light",)}
PAGES = ("/", "/coach", "/coach/seated-rotation", "/measure", "/analyse", "/history")
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """The fake webcam's files: somebody doing four reps, and somebody being measured."""
    folder = tmp_path_factory.mktemp("webcam")
    options = {"fps": FPS, "lead_s": LEAD_S, "tail_s": TAIL_S, "size": (480, 360)}
    return {
        "coach": write_camera_clip(folder / "coach.y4m", SAMPLES / "seated_rotation_left.mp4", **options),
        "measure": write_camera_clip(folder / "measure.y4m", SAMPLES / "rom_seated_right.mp4", **options),
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory, pose_model):
    folder = tmp_path_factory.mktemp("served")
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_DATA_HOME", str(folder / "home"))
    settings = make_settings(folder, specs=load_specs(), model=str(pose_model.path))
    settings = replace(settings, limits=Limits())
    with running(settings, open_detector) as settings:
        yield settings
    patch.undo()


@pytest.fixture(autouse=True)
def _own_home():
    """Here the server's home is the module's, not the test's."""


@pytest.fixture(scope="module")
def engine():
    with playwright.sync_playwright() as started:
        yield started


@pytest.fixture
def open_page(engine, served, clips):
    """Opens a browser whose webcam plays a clip; then there must be no complaint and no foreign request."""
    browsers, complaints, requests = [], [], []

    def open_page(webcam="coach", width=1440, height=900):
        browser = engine.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream=device-count=2",
                "--use-fake-ui-for-media-stream",
                *([f"--use-file-for-fake-video-capture={clips[webcam]}"] if webcam else []),
            ],
        )
        browsers.append(browser)
        page = browser.new_context(
            viewport={"width": width, "height": height},
            base_url=f"http://127.0.0.1:{served.port}",
            reduced_motion="reduce",
        ).new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.on("websocket", lambda socket: requests.append(socket.url))
        return page

    yield open_page
    for browser in browsers:
        browser.close()
    assert complaints == []
    own = re.compile(rf"(http|ws)://127\.0\.0\.1:{served.port}/|blob:|data:")
    assert [url for url in requests if not own.match(url)] == []


def start(page, path):
    """Go to a page and start its session, confirming the safety notes where they are shown."""
    page.goto(path)
    page.wait_for_selector("#start")
    if path.startswith("/coach"):
        page.fill("#sets", "1")
        page.select_option("#side", "left")
    page.click("#start")
    page.wait_for_selector("dialog.safety, .live")
    if page.locator("dialog.safety").count():
        check_accessibility(page)
        page.click("text=I have read this")
    page.wait_for_selector(".live[data-stage]")


def check_accessibility(page, schemes=("light", "dark")):
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found = axe_playwright.Axe().run(page).response["violations"]
        bad = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found if v["impact"] in SERIOUS]
        assert bad == [], (page.url, scheme)


def wait_for(page, condition, limit_s):
    """Until the expression is true in the page (whose policy forbids Playwright's own way of waiting)."""
    until_s = time.monotonic() + limit_s
    while not page.evaluate(condition):
        assert time.monotonic() < until_s, condition
        page.wait_for_timeout(100)


def analysed(name, tmp_path):
    spec = load_specs()["seated-rotation"]
    return analyze(Job(SAMPLES / name, spec, tmp_path / "analysed", video=False)).summary


# -- looking at every page


def test_every_page_is_accessible_and_fits(open_page):
    page = open_page()
    for path in PAGES:
        page.goto(path)
        page.wait_for_selector("h1")
        for width, schemes in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            check_accessibility(page, schemes)


def test_the_keyboard_reaches_everything_and_the_focus_is_seen(open_page):
    page = open_page()
    page.goto("/")
    page.wait_for_selector("h1")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Measure"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Measure the range of both hips")
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.title() == "Measure – coach"
    page.go_back()
    page.wait_for_selector("text=Coach a session")


def test_a_refused_camera_is_told_in_a_sentence(open_page):
    page = open_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }"
    )
    page.goto("/coach/seated-rotation")
    page.click("#start")
    page.wait_for_selector("dialog.safety, .problem")
    if page.locator("dialog.safety").count():
        page.click("text=I have read this")
    assert "not allowed to use the camera" in page.inner_text(".problem")
    assert page.locator(".problem li").count() == 3
    check_accessibility(page)


def test_an_exercise_shows_where_its_camera_goes_and_what_it_asks_for(open_page):
    page = open_page()
    for spec in load_specs().values():
        page.goto(f"/coach/{spec.id}")
        page.wait_for_selector(".placement")
        low_m, high_m = spec.camera_distance_m
        assert f"{low_m:g} to {high_m:g} m away" in page.get_attribute(".placement", "aria-label")
        assert page.input_value("#reps") == str(spec.target_reps)
        text = page.inner_text("main")
        for line in (spec.name, spec.trains, *spec.instructions, spec.camera_place, *spec.safety):
            assert line in text


def test_the_voice_is_on_and_can_be_turned_off_beforehand(open_page):
    page = open_page()
    page.goto("/coach/seated-rotation")
    assert page.is_checked("text=Spoken cues")
    page.uncheck("text=Spoken cues")
    start(page, "/coach/seated-rotation")
    assert page.inner_text("[aria-keyshortcuts=V]") == "Voice off"
    page.keyboard.press("q")
    page.wait_for_selector("#summary, #start")


def test_a_wrong_number_is_pointed_out_and_nothing_starts(open_page):
    page = open_page()
    page.goto("/coach/seated-rotation")
    page.fill("#reps", "0")
    page.click("#start")
    assert page.evaluate("document.activeElement.id") == "reps"
    assert page.locator(".live, dialog").count() == 0


def test_the_names_of_the_cameras_are_asked_for_before_they_are_known(open_page):
    page = open_page(webcam=None)
    page.add_init_script(
        "const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);"
        "let allowed = false;"
        "const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = (wish) => { allowed = true; return open(wish); };"
        "navigator.mediaDevices.enumerateDevices = async () => allowed ? list() : [];"
    )
    page.goto("/measure")
    page.wait_for_selector("#camera >> text=Find the others", state="attached")
    page.select_option("#camera", label="Find the others …")
    wait_for(page, "document.querySelector('#camera').options.length === 3", 10)
    assert page.input_value("#camera") == ""


def test_the_camera_is_chosen_changed_and_plugged_in_again(open_page):
    page = open_page(webcam=None)  # two test pictures
    page.goto("/coach/seated-rotation")
    page.wait_for_selector("#camera")
    wait_for(page, "document.querySelector('#camera').options.length === 3", 10)
    page.select_option("#camera", index=2)
    chosen = page.input_value("#camera")
    assert "Find the others" not in page.inner_text("#camera")
    start(page, "/coach/seated-rotation")
    track = "document.querySelector('.live video').srcObject.getVideoTracks()[0]"
    assert page.evaluate(f"{track}.getSettings().deviceId") == chosen
    page.select_option("#live-camera", index=1)
    wait_for(page, f"{track}.getSettings().deviceId !== '{chosen}'", 10)
    page.evaluate(f"{track}.dispatchEvent(new Event('ended'))")
    page.wait_for_selector("text=The camera is gone")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    page.wait_for_selector("text=The camera is gone", state="hidden")
    answered = page.evaluate("coachConnection.answered")
    wait_for(page, f"coachConnection.answered > {answered}", 10)
    page.keyboard.press("q")
    page.wait_for_selector("#summary")


# -- the four jobs


DROP_AT_TWO = """
const connection = window.coachConnection, { take, on } = connection, status = on.status;
connection.take = (message) => {
  take.call(connection, message);
  if (message.progress?.count === 2 && !window.dropped) { window.dropped = true; connection.socket.close(); }
};
on.status = (word) => { window.lost ||= word === "lost"; status(word); };
"""
"""The network goes away for a moment as soon as the second rep was counted, while the leg rests."""


def test_a_session_counts_what_analyze_counts(open_page, served, tmp_path):
    expected = analysed("seated_rotation_left.mp4", tmp_path)
    page = open_page()
    start(page, "/coach/seated-rotation")
    page.keyboard.press("h")
    page.wait_for_selector("dialog.help[open]")
    check_accessibility(page)
    page.keyboard.press("h")
    wait_for(page, "document.querySelector('.live')?.dataset.stage === 'working'", 20)
    page.evaluate(DROP_AT_TWO)
    page.keyboard.press("v")
    assert page.inner_text("[aria-keyshortcuts=V]") == "Voice off"
    wait_for(page, "window.lost && window.coachConnection.ready", 60)
    wanted = expected.sides["left"].rep_count
    wait_for(page, f"document.querySelector('.tally b').textContent === '{wanted}'", 40)
    page.wait_for_timeout(3000)  # whatever would be counted too much has to come now
    delays = page.evaluate("window.coachConnection.delays")
    assert sorted(delays)[len(delays) // 2] < 500
    check_accessibility(page)  # not earlier: it holds up the page, which might cost a rep
    page.keyboard.press("q")
    page.wait_for_selector("#summary")
    assert int(re.match(r"\d+", page.inner_text(".number"))[0]) == wanted == 4
    check_accessibility(page)
    page.goto("/history")
    row = page.locator("tbody tr").first
    row.locator("a").click()
    page.wait_for_selector("text=counted")
    assert page.locator("tbody tr .yes, tbody tr:has-text('counted')").count() == wanted
    check_accessibility(page)
    page.click("text=← History")
    row.wait_for()
    assert row.locator("td").nth(1).inner_text() == str(wanted)
    assert "±" in row.inner_text()
    assert page.locator("figure .chart").count() == 1
    check_accessibility(page)
    download_and_delete(page)


def download_and_delete(page):
    with page.expect_download() as csv:
        page.click("text=Export as CSV")
    assert len(Path(csv.value.path()).read_text().splitlines()) >= 5
    with page.expect_download() as data:
        page.click("text=Export as JSON")
    assert json.loads(Path(data.value.path()).read_text())[0]["exercise"] == "seated-rotation"
    page.click("#delete-all")
    page.click("dialog button:has-text('Cancel')")
    assert page.locator("tbody tr").count() == 1
    page.click("#delete-all")
    page.click("dialog button.danger")
    page.wait_for_selector("text=No sessions yet")


def test_a_measurement_finds_what_measure_finds(open_page, tmp_path):
    clip = SAMPLES / "rom_seated_right.mp4"
    offline = measure(MeasureJob(clip, PROTOCOLS["seated"], tmp_path)).summary.legs["right"].internal
    page = open_page("measure")
    start(page, "/measure")
    done = "document.querySelectorAll('.trials .right p:first-of-type .dots .on').length"
    wait_for(page, f"{done} === 2", 45)
    check_accessibility(page)
    wait_for(page, f"{done} === {len(offline.trials)}", 30)
    page.click(".stop")
    page.wait_for_selector("#summary")
    card = page.inner_text("section.card.right")
    assert "trials: 3" in card
    assert int(re.search(r"(\d+)° ±", card)[1]) == pytest.approx(offline.median_deg, abs=2.0)
    assert page.locator("tbody tr .yes").count() == 3
    check_accessibility(page)
    with page.expect_popup() as popup:
        page.click("text=Open the report")
    popup.value.wait_for_selector("h1")
    assert popup.value.locator("img").count() >= 1
    page.goto("/history")
    page.wait_for_selector("text=Range of hip rotation, turned in and out")
    check_accessibility(page)


def test_videos_are_analysed_in_turn_and_can_be_cancelled(open_page, tmp_path):
    expected = analysed("seated_rotation_left.mp4", tmp_path)
    page = open_page()
    page.goto("/analyse")
    page.set_input_files("#files", str(SAMPLES / "seated_rest.mp4"))
    assert "Choose the exercise first" in page.inner_text(".problem")
    page.select_option("#exercise", "seated-rotation")
    assert page.locator(".problem").count() == 0
    names = ["seated_rotation_left.mp4", "seated_rest.mp4"]
    page.set_input_files("#files", [str(SAMPLES / name) for name in names])
    waiting = page.locator("li.job", has_text="seated_rest.mp4")
    waiting.wait_for()
    page.click("nav >> text=History")  # the upload goes on meanwhile
    page.wait_for_selector("h1:has-text('History')")
    page.click("nav >> text=Analyse")
    page.wait_for_selector("li[data-id]:has-text('seated_rest.mp4')")
    waiting.locator("button").click()
    page.wait_for_selector("li[data-state=done]", timeout=60_000)
    assert page.locator("li.job").count() == 1
    done = page.locator("li[data-state=done]")
    assert int(re.match(r"\d+", done.locator(".number").inner_text())[0]) == expected.sides["left"].rep_count
    wait_for(page, "document.querySelector('video').readyState >= 1", 10)
    check_accessibility(page)
    with page.expect_popup() as popup:
        page.click("text=Open the report")
    popup.value.wait_for_selector("h1")
    assert "seated_rotation_left.mp4" in popup.value.inner_text("header")
    done.locator("button", has_text="Delete").click()
    page.click("dialog button.danger")
    page.wait_for_selector("text=None yet")


def test_a_second_tab_may_take_over(open_page):
    page = open_page()
    start(page, "/coach/seated-rotation")
    other = page.context.new_page()
    other.goto("/coach/seated-rotation")
    other.click("#start")
    other.wait_for_selector("dialog button.danger")
    other.click("dialog button.danger")
    other.wait_for_selector(".live[data-stage]")
    page.wait_for_selector("text=Continued in another tab")
    other.reload()  # loaded anew, the page goes on with its session
    token = other.evaluate("JSON.parse(sessionStorage.getItem('coach-session')).token")
    other.click("text=Go on with the session")
    other.wait_for_selector(".live[data-stage]")
    assert other.evaluate("coachConnection.token") == token
    other.click(".stop")
    other.wait_for_selector("#summary")


SLOW_NETWORK = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  setTimeout(() => { if (this.readyState === WebSocket.OPEN) send.call(this, data); }, 250);
};
"""


def test_a_slow_network_stays_in_time_and_counts_right(open_page):
    """Every message takes a quarter of a second more: fewer pictures, the same count."""
    page = open_page()
    page.add_init_script(SLOW_NETWORK)
    start(page, "/coach/seated-rotation")
    wait_for(page, "document.querySelector('.tally b').textContent === '2'", 60)
    assert page.evaluate("coachConnection.seq - coachConnection.answered") <= 2
    delays = page.evaluate("coachConnection.delays")
    assert 250 <= sorted(delays)[len(delays) // 2] < 700
    page.click(".stop")
    page.wait_for_selector("#summary")
    assert page.inner_text(".number").startswith("2")
