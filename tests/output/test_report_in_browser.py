"""The report on screens of every width: nothing wider than the page, no two labels in each other's way."""

import shutil
from math import sin

import pytest

from coach.output.plot import Point, Series
from coach.output.report import render_report

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

WIDTHS = (320, 390, 768, 1280)
LENGTHS_S = (4, 8, 22, 39, 79, 130, 600, 5000, 20_000)
GAPS = """() => [...document.querySelectorAll('.x-labels')].map((labels) => {
  const boxes = [...labels.children].map((label) => label.getBoundingClientRect()).filter((box) => box.width);
  return Math.min(...boxes.slice(1).map((box, i) => box.left - boxes[i].right));
})"""
LEAST_GAP_PX = 5


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("length_s", LENGTHS_S)
def test_time_marks_stay_apart_and_nothing_is_wider_than_the_page(browser, summary, spec, length_s):
    points = [Point(length_s * i / 200, 20 + 15 * sin(i / 9), 4.0) for i in range(201)]
    page = browser.new_page()
    page.set_content(render_report(summary, {"left": Series(0.0, length_s, [points])}, [], spec))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        gaps = page.evaluate(GAPS)
        assert gaps
        assert min(gaps) >= LEAST_GAP_PX, width
    page.close()
