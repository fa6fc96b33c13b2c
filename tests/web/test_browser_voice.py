"""The page's voice follows the same rules as the window's: one thing at a time, in time or not at all."""

import shutil

import pytest
from web_client import make_settings
from web_server import running

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

FAKE_SPEECH = """
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  speaking: false, pending: false, begun: [],
  getVoices() { return ["somebody"]; },
  speak(words) {
    this.speaking = true;
    this.begun.push([words.text, performance.now()]);
    this.timer = setTimeout(() => { this.speaking = false; words.onend(); }, this.lasts[words.text]);
  },
  cancel() { clearTimeout(this.timer); this.speaking = false; },
} });
"""
PLAY = """async (script) => {
  const { Voice } = await import("/static/js/voice.js");
  speechSynthesis.lasts = Object.fromEntries(script.map(([, text, , lasts]) => [text, lasts]));
  const voice = new Voice(), start = performance.now();
  for (const [at, text, kind] of script) setTimeout(() => voice.say({ text, kind }), at);
  await new Promise((over) => setTimeout(over, 3000));
  return speechSynthesis.begun.map(([text, at]) => [text, at - start]);
}"""
TOLERANCE_MS = 250


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    settings = make_settings(tmp_path_factory.mktemp("served"))
    with running(settings, lambda _model: None) as served, playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(base_url=f"http://127.0.0.1:{served.port}")
        page.add_init_script(FAKE_SPEECH)
        yield page
        browser.close()


REMARK = [0, "Hold it longer: 8 seconds.", "cue", 2000]
LEGS = [0, "Change legs.", "stage", 700]
LONG = [0, "Set 2 of 2, left leg on top.", "stage", 2500]
TWO_MORE = [0, "4. Two more.", "count", 2500]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([REMARK, [300, "Hold.", "count", 500]], {REMARK[1]: 0, "Hold.": 300}),
        ([LEGS, [100, "1", "count", 500]], {LEGS[1]: 0, "1": 700}),
        ([LONG, [100, "1", "count", 500]], {LONG[1]: 0}),
        ([LEGS, [100, "1", "count", 500], [200, "Sit tall.", "guide", 500]], {LEGS[1]: 0, "1": 700}),
        ([LEGS, [100, "Sit tall.", "guide", 500], [200, "1", "count", 500]], {LEGS[1]: 0, "1": 700}),
        ([TWO_MORE, [300, "5. One more.", "count", 500]], {TWO_MORE[1]: 0, "5. One more.": 800}),
        ([TWO_MORE, [300, "Paused.", "stop", 500]], {TWO_MORE[1]: 0, "Paused.": 300}),
    ],
    ids=["number-over-correction", "number-waits", "too-late", "advice-displaces-no-number",
         "number-displaces-advice", "number-after-number", "stop-over-all"],
)  # fmt: skip
def test_what_is_said_and_when(page, script, said):
    page.goto("/")
    spoken = page.evaluate(PLAY, script)
    assert [text for text, _ in spoken] == list(said)
    assert [at for _, at in spoken] == pytest.approx(list(said.values()), abs=TOLERANCE_MS)
