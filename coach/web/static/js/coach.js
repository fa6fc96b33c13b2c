// Pick an exercise, get ready, be coached.

import { about } from "./api.js";
import { explainFailure, makeCameraField } from "./camera.js";
import { savedSession } from "./connection.js";
import { capital, confirm, drawing, h, notice } from "./dom.js";
import { drawExercise } from "./figures.js";
import { makePanel } from "./panel.js";
import { showSummary } from "./results.js";
import { readSafety } from "./safety.js";
import { Stage } from "./stage.js";
import { makeVoiceField } from "./voice.js";

const BODIES = { "lying-on-side": "on your side", "on-back": "on your back", "hands-and-knees": "on hands and knees" };

/** In short: how the body is held, and how much there is to do. */
function describe(spec) {
  const dose = spec.hold_s ? `hold ${Math.round(spec.hold_s)} s, ${spec.reps} times` : `${spec.reps} reps${spec.one_leg ? " per leg" : ""}`;
  return [BODIES[spec.camera.body] ?? spec.camera.body, dose, spec.sets > 1 ? `${spec.sets} sets` : ""].filter(Boolean).map((part) => part.replaceAll(" ", "\u00a0")).join(" · ");
}

export async function showPicker(place) {
  const { exercises } = await about();
  place.append(h("h1", {}, "Choose an exercise"),
    h("ul", { class: "choices" }, exercises.map((spec) => h("li", {},
      h("a", { class: "choice", href: `/coach/${spec.id}` }, h("span", { class: "drawing" }, drawExercise(spec.id)),
        h("span", {}, h("strong", {}, spec.name), h("span", { class: "soft" }, spec.trains), h("span", { class: "facts" }, capital(describe(spec)))))))));
}

export async function showExercise(place, id) {
  const { exercises, rest_s } = await about();
  const spec = exercises.find((each) => each.id === id);
  if (!spec) throw new Error("There is no such exercise.");
  document.title = `${spec.name} – coach`;
  const form = makeForm(spec, rest_s);
  const problem = h("div", {});
  const start = async (takeover = false) => {
    problem.replaceChildren();
    if (!form.check()) return;
    try {
      if (!(await readSafety())) return;
      const saved = savedSession();
      const resume = saved?.hello.exercise === id && saved.hello.mode === "coach" ? saved.token : null;
      const message = await coach(spec, { ...form.read(), takeover }, resume);
      await finish(message, takeover);
    } catch (error) {
      problem.replaceChildren(explainFailure(error));
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
      h("div", { class: "hero" }, drawExercise(id)),
      h("div", { class: "guide" },
        h("h2", {}, "How to do it"),
        h("ol", {}, spec.instructions.map((step) => h("li", {}, step))),
        spec.equipment.length ? h("p", {}, h("strong", {}, "You need: "), `${spec.equipment.join(", ")}.`) : null,
        aim ? h("p", { class: "soft" }, aim) : null,
        h("h2", {}, "Where the camera goes"),
        h("div", { class: "place" }, drawing(spec.camera.drawing), h("p", {}, spec.camera.place)),
        h("h2", {}, "Take care"),
        h("ul", {}, spec.safety.map((line) => h("li", {}, line))),
        spec.not_assessed.length ? h("details", {}, h("summary", {}, "What the camera cannot judge"),
          h("ul", {}, spec.not_assessed.map((item) => h("li", {}, `${capital(item.fault)}: ${item.reason}.`)))) : null),
      h("div", { class: "settings" }, form.element),
      h("div", { class: "begin" }, problem,
        h("button", { type: "button", class: "primary big", id: "start", onclick: () => start() },
          savedSession()?.hello.exercise === id ? "Go on with the session" : "Start"))));
}

function makeForm(spec, rest_s) {
  const number = (name, label, value, min, max) => {
    const input = h("input", { type: "number", id: name, value, min, max, inputmode: "numeric" });
    return { input, field: h("div", { class: "field" }, h("label", { for: name }, label), input) };
  };
  const reps = number("reps", spec.one_leg ? "Reps per leg" : "Reps", spec.reps, 1, 200);
  const sets = number("sets", "Sets", spec.sets, 1, 20);
  const rest = number("rest", "Rest, seconds", rest_s, 0, 600);
  const side = h("select", { id: "side" },
    [["auto", "Both in turn"], ["left", "Left leg only"], ["right", "Right leg only"]].map(([value, words]) => h("option", { value }, words)));
  const numbers = [reps, sets, rest];
  for (const { input } of numbers) input.required = true;
  return {
    element: [h("div", { class: "fields" }, reps.field, sets.field, rest.field,
      spec.one_leg ? h("div", { class: "field" }, h("label", { for: "side" }, "Which leg"), side) : null,
      makeCameraField()), makeVoiceField()],
    check: () => numbers.every(({ input }) => input.reportValidity()),
    read: () => ({ mode: "coach", exercise: spec.id, reps: reps.input.valueAsNumber, sets: sets.input.valueAsNumber, rest_s: rest.input.valueAsNumber, side: spec.one_leg ? side.value : "auto" }),
  };
}

function coach(spec, hello, resume) {
  const stage = new Stage({ hello, resume, title: `${spec.name}, live`, panel: makePanel(spec), can: { pause: true } });
  return stage.run();
}
