// Drop videos, watch them being analysed, get the results.  Uploads go on while other pages are looked at.

import { about, get, remove, upload } from "./api.js";
import { announce, confirm, h, notice, recall, remember } from "./dom.js";
import { formList, nothingCounted, resultCards } from "./results.js";

const STATES = { uploading: "uploading", sending: "uploading", queued: "waiting", running: "analysing", waiting: "waiting until the live session is over", done: "done", failed: "failed", cancelled: "cancelled" };
const ACTIVE = ["uploading", "queued", "running", "waiting"];
const POLL_MS = 700;
const STORE = "coach-analysed";

const sending = []; // { file, path, share, task, words }
let turn = Promise.resolve();
let changed = () => {};
let count = 0;

export async function showAnalyse(place) {
  const { exercises, limits } = await about();
  const exercise = h("select", { id: "exercise", required: true, onchange: () => { remember(STORE, exercise.value); problem.replaceChildren(); } },
    h("option", { value: "" }, "Choose …"), exercises.map((spec) => h("option", { value: spec.id }, spec.name)));
  exercise.value = exercises.some((spec) => spec.id === recall(STORE)) ? recall(STORE) : "";
  const problem = h("div", {});
  const side = h("select", { id: "side" }, [["auto", "Automatic"], ["left", "Left"], ["right", "Right"], ["both", "Both"]].map(([value, words]) => h("option", { value }, words)));
  const stored = h("input", { type: "checkbox" });
  const keep = h("input", { type: "checkbox" });
  const input = h("input", { type: "file", multiple: true, accept: "video/*", class: "unseen", id: "files", onchange: () => { take(input.files); input.value = ""; } });
  const drop = h("label", { class: "drop", for: "files" }, input, h("strong", {}, "Drop videos here"), h("p", {}, "or choose them"),
    h("p", { class: "soft" }, `Up to ${(limits.upload_bytes / 1e9).toFixed(0)} GB and ${Math.round(limits.duration_s / 60)} minutes each. They stay on this machine.`));
  const list = h("ul", { class: "jobs" });
  const take = (files) => {
    if (!exercise.value) {
      problem.replaceChildren(notice("Choose the exercise first: what counts as a rep depends on it. Then drop the video again.", "problem"));
      exercise.focus();
      return;
    }
    for (const file of files) send(file, { exercise: exercise.value, side: side.value, keep: keep.checked, remember: stored.checked }, limits);
  };
  const over = (event) => { event.preventDefault(); drop.classList.toggle("over", event.type === "dragover"); };
  drop.addEventListener("dragover", over);
  drop.addEventListener("dragleave", over);
  drop.addEventListener("drop", (event) => { over(event); take(event.dataTransfer.files); });
  place.append(h("h1", {}, "Analyse a video"),
    h("p", { class: "intro" }, "The whole body in view, the camera where the exercise wants it. You get counts, rotation over time, the annotated video and a report."),
    h("div", { class: "fields wide" }, h("div", { class: "field" }, h("label", { for: "exercise" }, "Exercise"), exercise), h("div", { class: "field" }, h("label", { for: "side" }, "Working leg"), side)),
    problem,
    drop,
    h("label", { class: "check" }, stored, "Add the sessions to my history"),
    h("label", { class: "check" }, keep, "Keep the original video beside the result"),
    h("h2", {}, "Videos"), list);

  const shown = new Map();
  let timer = 0;
  let left = false;
  const refresh = async () => {
    clearTimeout(timer);
    let items = [];
    try { items = await get("/api/analyses"); } catch (error) { list.replaceChildren(h("li", {}, notice(error.message, "problem"))); return; }
    if (left) return;
    const all = [...items.filter((item) => item.state !== "uploading").reverse()];
    const wanted = [...sending.map((one) => ["sending", one]), ...all.map((item) => ["job", item])];
    const keys = wanted.map(([kind, item]) => (kind === "job" ? item.id : item.key));
    for (const [key, entry] of shown) if (!keys.includes(key)) { entry.element.remove(); shown.delete(key); }
    wanted.forEach(([kind, item], i) => {
      const key = keys[i];
      if (!shown.has(key)) shown.set(key, kind === "job" ? makeJob(item, exercises, refresh) : makeSending(item));
      const entry = shown.get(key);
      entry.show(item);
      if (list.children[i] !== entry.element) list.insertBefore(entry.element, list.children[i] ?? null);
    });
    if (!wanted.length) list.replaceChildren(h("li", { class: "soft" }, "None yet."));
    else list.querySelector(":scope > .soft")?.remove();
    const busy = sending.length || items.some((item) => ACTIVE.includes(item.state));
    if (!left && busy) timer = setTimeout(refresh, POLL_MS);
  };
  changed = refresh;
  await refresh();
  return () => { left = true; clearTimeout(timer); changed = () => {}; };
}

function send(file, choices, limits) {
  const one = { key: `sending-${++count}`, name: file.name, share: 0, words: "", cancelled: false, task: null };
  sending.push(one);
  changed();
  turn = turn.then(async () => {
    if (one.cancelled) return;
    if (file.size > limits.upload_bytes) throw new Error("The video is too large. Cut it, or use: coach analyze.");
    one.task = upload(`/api/analyses?${new URLSearchParams(choices)}`, file, (share) => { one.share = share; });
    await one.task.done;
  }).catch((error) => { one.words = error.message; }).finally(() => {
    if (!one.words || one.cancelled) sending.splice(sending.indexOf(one), 1);
    else { one.failed = true; announce(`${one.name}: ${one.words}`); }
    changed();
  });
}

function makeSending(one) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": `Uploading ${one.name}` });
  const words = h("div", {});
  const cancel = h("button", { type: "button", class: "plain", onclick: () => {
    one.cancelled = true;
    one.task?.cancel();
    if (one.failed || !one.task) { sending.splice(sending.indexOf(one), 1); changed(); }
  } }, "Cancel");
  const element = h("li", { class: "card job" }, h("header", {}, h("h3", {}, one.name), h("span", { class: "soft" }, "uploading"), cancel), bar, words);
  return {
    element,
    show: () => {
      bar.value = one.share;
      bar.hidden = Boolean(one.failed);
      if (one.failed) { words.replaceChildren(notice(one.words, "problem")); cancel.textContent = "Remove"; element.querySelector(".soft").textContent = "not taken"; }
    },
  };
}

function makeJob(item, exercises, refresh) {
  const name = exercises.find((spec) => spec.id === item.exercise)?.name ?? item.exercise;
  const state = h("span", { class: "soft" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": `Analysing ${item.name}` });
  const body = h("div", {});
  const action = h("button", { type: "button", class: "plain", onclick: async () => {
    if (action.dataset.ended && !(await confirm("Delete this result?", `${item.name} and its report are deleted for good.`, "Delete"))) return;
    await remove(`/api/analyses/${item.id}`).catch(() => {});
    refresh();
  } }, "Cancel");
  const element = h("li", { class: "card job", "data-id": item.id }, h("header", {}, h("h3", {}, item.name), state, action), bar, body);
  let last = "";
  const show = (now) => {
    bar.value = now.share;
    state.textContent = `${name} · ${STATES[now.state]}${now.state === "running" ? ` ${Math.round(100 * now.share)} %` : ""}`;
    if (now.state === last) return;
    if (last && (now.state === "done" || now.state === "failed")) announce(`${now.name}: ${STATES[now.state]}`);
    last = now.state;
    element.dataset.state = now.state;
    const ended = !ACTIVE.includes(now.state);
    bar.hidden = ended;
    action.textContent = ended ? "Delete" : "Cancel";
    action.setAttribute("aria-label", `${action.textContent} ${now.name}`);
    if (ended) action.dataset.ended = "yes";
    body.replaceChildren(...(now.state === "failed" ? [notice(now.words, "problem")] : []), ...(now.state === "done" ? result(now) : []));
  };
  return { element, show };
}

function result(item) {
  const files = `/api/analyses/${item.id}`;
  const has = (name) => item.files.includes(name);
  return [
    ...(item.words ? [notice(item.words)] : nothingCounted(item.result) ? [notice("Nothing was counted. Was the right exercise chosen, and does the video begin in its start pose?")] : []),
    resultCards(item.result),
    h("h3", {}, "Form"), formList(item.result),
    ...(has("annotated.mp4") ? [h("video", { src: `${files}/annotated.mp4#t=0.1`, controls: true, preload: "metadata", playsinline: true, "aria-label": `${item.name} with the body drawn on it` })] : []),
    h("div", { class: "actions" },
      h("a", { class: "button primary", href: `${files}/report.html`, target: "_blank" }, "Open the report"),
      [["reps.csv", "Reps (CSV)"], ["frames.csv", "Frames (CSV)"], ["summary.json", "Summary (JSON)"], ["landmarks.npz", "Landmarks"]].filter(([file]) => has(file)).map(([file, words]) => h("a", { class: "button plain", href: `${files}/${file}`, download: file }, words))),
  ];
}
