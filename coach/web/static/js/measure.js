// The range-of-motion test: how, live, and what was measured.

import { about } from "./api.js";
import { explainFailure, makeCameraField } from "./camera.js";
import { savedSession } from "./connection.js";
import { capital, clock, confirm, h, notice, printButton, s } from "./dom.js";
import { drawMeasure, drawPlace } from "./figures.js";
import { readSafety } from "./safety.js";
import { Stage } from "./stage.js";
import { makeVoiceField } from "./voice.js";

const WAYS = { internal: "Turned in", external: "Turned out" };

export async function showMeasure(place) {
  const { protocols } = await about();
  const seated = protocols.find((each) => !each.withheld);
  const problem = h("div", {});
  const start = async (takeover = false) => {
    problem.replaceChildren();
    try {
      if (!(await readSafety())) return;
      const saved = savedSession();
      const resume = saved?.hello.mode === "measure" ? saved.token : null;
      const stage = new Stage({
        hello: { mode: "measure", protocol: seated.id, takeover }, resume, title: "Measuring, live", panel: makePanel(seated), can: { stopWords: "Finish" },
      });
      const message = await stage.run();
      if (message?.type === "refused" && message.code === "busy") {
        if (await confirm("A session is running in another tab", `${message.words} End that one and begin here?`, "Begin here")) await start(true);
      } else if (message?.type === "refused" && message.code === "gone") await start();
      else if (message?.type === "refused") problem.replaceChildren(notice(message.words, "problem"));
      else if (message) showResult(place, message);
    } catch (error) {
      problem.replaceChildren(explainFailure(error));
    }
  };
  place.append(
    h("h1", {}, "Measure the range of both hips"),
    h("p", { class: "intro" }, `In each direction with each leg ${seated.trials} trials. The coach finds them by itself, says which count, and takes the median with its error bar.`),
    h("div", { class: "two" },
      h("div", { class: "hero" }, drawMeasure()),
      h("div", { class: "guide" },
        h("h2", {}, "How to do it"),
        h("ol", {}, seated.instructions.map((step) => h("li", {}, step))),
        h("p", {}, "Raise a hand above your head when you are done."),
        h("h2", {}, "Where the camera goes"),
        h("div", { class: "place" }, drawPlace(`Seen from above: the camera ${seated.camera.toLowerCase()}`), h("p", {}, `${seated.camera} Two to three metres away; it is not moved during the test.`)),
        h("details", {}, h("summary", {}, "Why not lying down?"),
          protocols.filter((each) => each.withheld).map((each) => h("p", {}, each.withheld)))),
      h("div", { class: "settings" }, makeCameraField(), makeVoiceField()),
      h("div", { class: "begin" }, problem, h("button", { type: "button", class: "primary big", id: "start", onclick: () => start() }, "Start"))));
}

function makePanel(protocol) {
  const rows = {};
  const value = h("span", {}, "–");
  const name = h("small", {}, "the leg that moves");
  const blocks = ["left", "right"].map((side) => {
    rows[side] = {};
    return h("div", { class: side }, h("h2", {}, `${capital(side)} hip`), Object.entries(WAYS).map(([way, words]) => {
      const dots = h("span", { class: "dots", "aria-hidden": "true" }, Array.from({ length: protocol.trials }, () => h("i", {})));
      const count = h("span", { class: "unseen" });
      rows[side][way] = { row: h("p", {}, words, dots, count), dots, count };
      return rows[side][way].row;
    }));
  });
  const where = h("p", { class: "where" }, protocol.camera);
  const element = h("div", {}, h("p", { class: "reading large" }, value, name), h("div", { class: "trials" }, blocks), where);
  const show = (state) => {
    for (const side of ["left", "right"]) {
      for (const way of Object.keys(WAYS)) {
        const { row, dots, count } = rows[side][way];
        const done = Math.min(protocol.trials, state.counts[side][way]);
        [...dots.children].forEach((dot, i) => dot.classList.toggle("on", i < done));
        count.textContent = `${done} of ${protocol.trials}`;
        const deg = state.sides[side].deg;
        row.classList.toggle("now", state.working.length === 1 && state.working[0] === side && deg !== null && Math.abs(deg) > 5 && (deg > 0) === (way === "internal"));
      }
    }
    const side = state.working.length === 1 ? state.working[0] : null;
    value.textContent = side ? state.sides[side].words[0] : "–";
    name.textContent = side ? `${side} hip, ${state.sides[side].words[1]}` : "the leg that moves";
  };
  const ring = (state) => (state.held_s > 0
    ? { share: state.held_s / protocol.hold_s, text: Math.max(0, Math.ceil(protocol.hold_s - state.held_s)) || "✓", note: state.held_s >= protocol.hold_s ? "come back" : "hold" }
    : null);
  return { element, show, ring };
}

/** A scale from 0 to 60 degrees with the norm, the interval and the median. */
function drawScale(way) {
  const x = (deg) => 10 + (Math.min(Math.max(deg, 0), 60) / 60) * 300;
  const norm = way.direction === "internal";
  return s("svg", { class: "scale", viewBox: "0 0 320 66", preserveAspectRatio: "xMinYMid meet", role: "img", "aria-label": `${way.value}, 95 % interval ${way.interval}${norm ? "; reference band 40 to 45 degrees" : ""}` },
    norm ? s("rect", { class: "norm", x: x(40), y: 6, width: x(45) - x(40), height: 36, rx: 3 }) : null,
    s("rect", { class: "track", x: x(0), y: 22, width: x(60) - x(0), height: 4, rx: 2 }),
    s("line", { class: "interval", x1: x(way.low), x2: x(way.high), y1: 24, y2: 24 }),
    s("circle", { class: "median", cx: x(way.median), cy: 24, r: 9 }),
    [0, 15, 30, 45, 60].map((deg) => s("text", { x: x(deg), y: 60, "text-anchor": "middle" }, `${deg}°`)));
}

function showResult(place, message) {
  const { result } = message;
  const parts = [h("h1", { id: "summary" }, message.reason === "taken-over" ? "Continued in another tab" : "Range of hip rotation"), h("p", { class: "intro" }, clock(Date.now()))];
  if (message.words) parts.push(notice(message.words, "problem"));
  if (!result) parts.push(h("p", {}, "Nobody was seen, so nothing was measured."));
  else {
    if (result.result.advice) parts.push(notice(result.result.advice));
    parts.push(
      h("h2", { class: "unseen" }, "Each hip"),
      h("div", { class: "cards" }, result.cards.map((card) => h("section", { class: `card ${card.side}` }, h("h3", { class: "side" }, `${capital(card.side)} hip`),
        card.ways.map((way) => (way.withheld
          ? [h("p", {}, h("strong", {}, `${capital(way.direction)} rotation: `), h("span", { class: "soft" }, way.withheld))]
          : [h("p", { class: "value" }, way.value), h("p", { class: "soft" }, `${capital(way.direction)} rotation · 95 % interval ${way.interval} · trials: ${way.trials}`), drawScale(way), way.verdict ? h("p", { class: "verdict" }, way.verdict) : null])),
        card.arc !== null ? h("p", {}, `Arc, internal plus external: ${Math.round(card.arc)}°.`) : null))),
      result.differences.length ? [h("h2", {}, "Left and right"), result.differences.map((words) => h("p", {}, words))].flat() : [],
      h("p", { class: "soft" }, result.detectable));
    if (result.trials.length) {
      parts.push(h("h2", {}, "Trials"), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Trials" }, h("table", {}, h("caption", {}, "In the order in which they were done"),
        h("thead", {}, h("tr", {}, ["Leg", "Direction", "From the start pose", "Held", "Result"].map((words) => h("th", { scope: "col" }, words)))),
        h("tbody", {}, result.trials.map((trial) => h("tr", {}, h("th", { scope: "row" }, capital(trial.side)), h("td", {}, trial.direction), h("td", {}, trial.value), h("td", {}, `${(trial.held_s ?? 0).toFixed(1)} s`), h("td", { class: trial.counted ? "yes" : "no" }, trial.words)))))));
    }
  }
  const files = result ? `/api/measurements/${result.id}` : "";
  place.replaceChildren(...parts.flat(), h("div", { class: "actions" },
    result ? h("a", { class: "button primary", href: `${files}/measure.html`, target: "_blank" }, "Open the report") : null,
    result ? h("a", { class: "button", href: `${files}/measure.json`, download: "measure.json" }, "As data") : null,
    result ? printButton() : null,
    h("a", { class: "button", href: "/measure", id: "again" }, "Once more")));
  document.getElementById("main").focus({ preventScroll: true });
  scrollTo(0, 0);
}
