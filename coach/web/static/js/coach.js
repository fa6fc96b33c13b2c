// Pick an exercise, get ready, be coached, see what it came to.

import { about } from "./api.js";
import { listCameras } from "./camera.js";
import { savedSession } from "./connection.js";
import { capital, confirm, h, notice } from "./dom.js";
import { drawExercise, drawPlace } from "./figures.js";
import { Gauge, changeScale, rotationScale } from "./gauge.js";
import { readSafety } from "./safety.js";
import { Stage } from "./stage.js";

export async function showPicker(place) {
  const { exercises } = await about();
  place.append(h("h1", {}, "What would you like to do?"),
    h("ul", { class: "choices" }, exercises.map((spec) => h("li", {},
      h("a", { class: "choice", href: `/coach/${spec.id}` }, h("span", { class: "drawing" }, drawExercise(spec.id)),
        h("span", {}, h("strong", {}, spec.name), h("span", { class: "soft" }, spec.trains)))))));
}

export async function showExercise(place, id) {
  const { exercises } = await about();
  const spec = exercises.find((each) => each.id === id);
  if (!spec) throw new Error("There is no such exercise.");
  document.title = `${spec.name} – coach`;
  const form = makeForm(spec);
  const problem = h("div", {});
  const start = async (takeover = false) => {
    problem.replaceChildren();
    try {
      if (!(await readSafety())) return;
      const saved = savedSession();
      const resume = saved?.hello.exercise === id && saved.hello.mode === "coach" ? saved.token : null;
      const message = await coach(spec, { ...form.read(), takeover }, form.camera.value, resume);
      await finish(message, takeover);
    } catch (error) {
      problem.replaceChildren(notice(error.message, "problem"));
    }
  };
  const finish = async (message) => {
    if (message?.type === "refused" && message.code === "busy") {
      if (await confirm("A session is running in another tab", `${message.words} End that one and begin here?`, "Begin here")) await start(true);
    } else if (message?.type === "refused" && message.code === "gone") await start();
    else if (message?.type === "refused") problem.replaceChildren(notice(message.words, "problem"));
    else if (message) showSummary(place, spec, message);
  };
  const low = spec.measure.target[0], high = spec.measure.target[1];
  const aim = spec.measure.unit === "deg" ? `Aim: ${low}° to ${high}° (${spec.measure.label}).` : "";
  place.append(
    h("p", { class: "crumb" }, h("a", { href: "/coach" }, "← All exercises")),
    h("h1", {}, spec.name),
    h("p", { class: "intro" }, spec.trains),
    h("div", { class: "two" },
      h("div", {},
        h("h2", {}, "How to do it"),
        h("ol", {}, spec.instructions.map((step) => h("li", {}, step))),
        spec.equipment.length ? h("p", {}, h("strong", {}, "You need: "), `${spec.equipment.join(", ")}.`) : null,
        aim ? h("p", { class: "soft" }, aim) : null,
        h("h2", {}, "Where the camera goes"),
        h("div", { class: "place" }, drawPlace(spec.camera.view, `Seen from above: the camera ${spec.camera.place.toLowerCase()}`), h("p", {}, spec.camera.place)),
        h("h2", {}, "Take care"),
        h("ul", {}, spec.safety.map((line) => h("li", {}, line))),
        spec.not_assessed.length ? h("details", {}, h("summary", {}, "What the camera cannot judge"),
          h("ul", {}, spec.not_assessed.map((item) => h("li", {}, `${capital(item.fault)}: ${item.reason}.`)))) : null),
      h("div", { class: "stick" },
        h("div", { class: "hero" }, drawExercise(id)),
        h("div", { class: "actions" }, h("button", { type: "button", class: "primary big", id: "start", onclick: () => start() },
          savedSession()?.hello.exercise === id ? "Go on with the session" : "Start")),
        problem,
        form.element)));
}

function makeForm(spec) {
  const number = (name, label, value, min, max) => {
    const input = h("input", { type: "number", id: name, value, min, max, inputmode: "numeric" });
    return { input, field: h("div", { class: "field" }, h("label", { for: name }, label), input) };
  };
  const reps = number("reps", spec.one_leg ? "Reps per leg" : "Reps", spec.reps, 1, 200);
  const sets = number("sets", "Sets", spec.sets, 1, 20);
  const rest = number("rest", "Rest, seconds", 30, 0, 600);
  const side = h("select", { id: "side" },
    [["auto", "Both in turn"], ["left", "Left leg only"], ["right", "Right leg only"]].map(([value, words]) => h("option", { value }, words)));
  const camera = h("select", { id: "camera" }, h("option", { value: "" }, "The usual one"));
  listCameras().then((cameras) => cameras.forEach((each, i) => camera.append(h("option", { value: each.deviceId }, each.label || `Camera ${i + 1}`))));
  const whole = ({ input }, otherwise) => (input.checkValidity() && input.value !== "" ? Number(input.value) : otherwise);
  return {
    camera,
    element: h("div", { class: "fields" }, reps.field, sets.field, rest.field,
      spec.one_leg ? h("div", { class: "field" }, h("label", { for: "side" }, "Which leg"), side) : null,
      h("div", { class: "field" }, h("label", { for: "camera" }, "Camera"), camera)),
    read: () => ({ mode: "coach", exercise: spec.id, reps: whole(reps, spec.reps), sets: whole(sets, spec.sets), rest_s: whole(rest, 30), side: spec.one_leg ? side.value : "auto" }),
  };
}

function coach(spec, hello, deviceId, resume) {
  const stage = new Stage({ hello, deviceId, resume, title: `${spec.name}, live`, panel: makePanel(spec), can: { pause: true } });
  return stage.run();
}

function makePanel(spec) {
  const leg = h("p", { class: "leg" });
  const count = h("b", {}, "0");
  const of = h("span", {});
  const tally = h("p", { class: "tally" }, count, of);
  const value = h("span", {});
  const name = h("small", {});
  const reading = h("p", { class: "reading" }, value, name);
  const unit = spec.measure.unit === "deg" ? "°" : "";
  const gauge = new Gauge(spec.absolute ? rotationScale(spec.measure.outwards) : changeScale(spec.measure.target, unit));
  const checks = h("ul", { class: "checks" });
  const where = h("p", { class: "where" }, spec.camera.place);
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
    name.textContent = kind;
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

export function resultCards(result) {
  return h("div", { class: "cards" }, result.cards.map((card) => h("section", { class: `card ${card.side}` },
    h("h3", { class: "side" }, `${capital(card.side)} leg`),
    h("div", { class: "counts" },
      h("p", { class: "number" }, card.reps, h("small", {}, `${card.reps === 1 ? "rep" : "reps"}${card.partial ? ` · ${card.partial} not counted` : ""}`)),
      card.held_s ? h("p", { class: "number" }, card.holds, h("small", {}, `${card.holds === 1 ? "hold" : "holds"} to target, ${Math.round(card.held_s)} s in all`)) : null),
    card.withheld
      ? h("p", { class: "notice" }, h("strong", {}, "Rotation not measured. "), card.withheld)
      : [h("p", { class: "value" }, card.value), h("p", { class: "soft" }, card.label), card.remark ? h("p", {}, card.remark) : null])));
}

export function formList(result) {
  if (!result.faults.length) return h("p", {}, "No faults were seen.");
  const seen = new Map();
  for (const fault of result.faults) {
    const key = `${fault.name} ${fault.side ?? ""}`;
    seen.set(key, { ...fault, count: (seen.get(key)?.count ?? 0) + 1 });
  }
  return h("ul", {}, [...seen.values()].map((fault) => h("li", {}, h("strong", {}, fault.cue), ` ${capital(fault.name)}${fault.side ? `, ${fault.side} leg` : ""}${fault.count > 1 ? `, ${fault.count} times` : ""}.`)));
}

function showSummary(place, spec, message) {
  const { result } = message;
  const again = h("div", { class: "actions" },
    h("a", { class: "button primary", href: `/coach/${spec.id}`, id: "again" }, "Once more"), h("a", { class: "button", href: "/coach" }, "Another exercise"), h("a", { class: "button", href: "/history" }, "History"));
  const parts = [h("h1", { id: "summary" }, message.reason === "taken-over" ? "Continued in another tab" : result?.summary.complete ? "Well done" : "That was it for now"), h("p", { class: "intro" }, spec.name)];
  if (message.words) parts.push(notice(message.words, "problem"));
  for (const warning of message.warnings ?? []) parts.push(notice(warning));
  if (result) {
    parts.push(resultCards(result));
    if (!result.view.ok && result.view.advice) parts.push(notice(`The camera saw: ${result.view.measured}. ${result.view.advice}`));
    parts.push(h("h2", {}, "Form"), formList(result));
    if (result.stored) parts.push(h("p", { class: "soft" }, `Stored as session ${result.history_id} in the history. No pictures were kept.`));
  } else if (message.reason !== "taken-over") parts.push(h("p", {}, "Counting had not begun, so there is nothing to show."));
  place.replaceChildren(...parts, again);
  document.getElementById("main").focus({ preventScroll: true });
  scrollTo(0, 0);
}
