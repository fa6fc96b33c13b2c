// Beside the picture of a session: the leg, the count, rotation and gauge; while setting up, what is still missing.

import { capital, drawing, h } from "./dom.js";
import { Gauge, changeScale, rotationScale } from "./gauge.js";

export function makePanel(spec) {
  const leg = h("p", { class: "leg" });
  const count = h("b", {});
  const of = h("span", {});
  const tally = h("p", { class: "tally", hidden: true }, count, of);
  const value = h("span", {});
  const name = h("small", {});
  const reading = h("p", { class: "reading", hidden: true }, value, name);
  const unit = spec.measure.unit === "deg" ? "°" : "";
  const gauge = new Gauge(spec.absolute ? rotationScale(spec.measure.outwards) : changeScale(spec.measure.target, unit));
  const checks = h("ul", { class: "checks" });
  const where = h("div", { class: "where" }, drawing(spec.camera.drawing), h("p", {}, spec.camera.place));
  gauge.element.toggleAttribute("hidden", true);
  const element = h("div", {}, leg, tally, spec.absolute || unit ? reading : null, gauge.element, checks, where);
  let shownChecks = "";
  const show = (state) => {
    const { progress } = state;
    const who = capital(progress.side ? `${progress.side} leg` : spec.name);
    const set = progress.sets > 1 ? `set ${progress.set} of ${progress.sets}` : "";
    if (leg.textContent !== who + set) leg.replaceChildren(who, ...(set ? [h("small", {}, set)] : []));
    leg.className = `leg ${progress.side ?? ""}`;
    const setUp = state.checks.length > 0;
    tally.hidden = reading.hidden = setUp;
    gauge.element.toggleAttribute("hidden", setUp);
    checks.hidden = where.hidden = !setUp;
    count.textContent = progress.count;
    of.textContent = `of ${progress.target}`;
    const side = [progress.side, ...state.working, "left"].find((each) => each && (!state.working.length || state.working.includes(each)));
    const leading = state.sides[side];
    const change = leading.change === null ? null : Math.abs(leading.change);
    const [text, kind] = spec.absolute ? leading.words : [change === null ? "–" : `${Math.round(change)}${unit}`, spec.measure.label];
    value.textContent = text;
    name.textContent = progress.side || state.working.length < 2 ? kind : `${kind}, ${side} hip`;
    if (spec.absolute) gauge.show(leading.deg, leading.sd, side, state.best[side]);
    else gauge.show(change, null, side, null);
    const now = JSON.stringify(state.checks);
    if (now !== shownChecks) {
      shownChecks = now;
      checks.replaceChildren(...state.checks.map((check) => h("li", { class: check.ok ? "" : "wrong" }, h("i", { "aria-hidden": "true" }, check.ok ? "✓" : "✕"), capital(check.name), h("span", { class: "unseen" }, check.ok ? ": good" : ": not yet"))));
    }
  };
  const ring = (state) => {
    if (state.countdown !== null) return { share: 1, text: state.countdown, big: true };
    if (state.rest_s !== null) return { share: 1, text: Math.ceil(state.rest_s), note: "rest", big: true, quiet: true };
    if (state.stage === "hold-still") return { share: state.still, text: "", note: "still" };
    if (!state.hold) return null;
    const left = Math.max(0, Math.ceil(state.hold[1] - state.hold[0]));
    return { share: state.hold[0] / state.hold[1], text: left || "✓", note: left ? "hold" : "release" };
  };
  return { element, show, ring };
}
