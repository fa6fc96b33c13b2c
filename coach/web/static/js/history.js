// Past sessions, the rotation of each hip over time, export and deletion.

import { about, get, remove } from "./api.js";
import { drawDots, drawReps } from "./charts.js";
import { capital, clock, confirm, h, notice, printButton } from "./dom.js";
import { drawHistory } from "./figures.js";
import { go } from "./go.js";

const STATUS = { complete: "done", stopped: "stopped early", running: "not finished" };

export async function showHistory(place) {
  const [{ sessions, series }, measurements] = await Promise.all([get("/api/history"), get("/api/measurements")]);
  const again = () => { place.replaceChildren(); return showHistory(place); };
  const attempt = async (action) => {
    try { await action(); await again(); } catch (error) { place.prepend(notice(error.message, "problem")); }
  };
  const deleteAll = async () => {
    if (await confirm("Delete everything?", "All sessions, measurements, analysed videos and reports of this page are deleted for good. Nothing can bring them back.", "Delete everything")) {
      await attempt(() => remove("/api/history", { confirm: "delete everything" }));
    }
  };
  const deleteOne = async (row) => {
    if (await confirm("Delete this session?", `${row.name}, ${clock(row.started_at)}.`, "Delete")) await attempt(() => remove(`/api/history/${row.id}`));
  };
  const empty = !sessions.length && !measurements.length;
  place.append(h("h1", {}, "History"));
  place.append(empty ? h("div", { class: "card empty" }, drawHistory(), h("div", {}, h("p", { class: "intro" }, "No sessions yet."), h("p", {}, "After a session or a measurement, each hip is drawn here over time: with its error bar, and with what is a real change and what is not."), h("div", { class: "actions" }, h("a", { class: "button primary", href: "/coach" }, "Choose an exercise"), h("a", { class: "button", href: "/measure" }, "Measure the range")))) : h("p", { class: "intro" }, `${sessions.length} ${sessions.length === 1 ? "session" : "sessions"}, ${measurements.length} ${measurements.length === 1 ? "measurement" : "measurements"}.`));
  if (series.length) {
    place.append(h("h2", {}, "Progress per hip"), h("div", { class: "cards" }, series.map(drawSeries)),
      h("p", { class: "soft" }, "Each dot is the median peak of a session with its standard deviation. Between the dotted lines a change since the first session cannot be told from measurement error (the minimal detectable change)."));
  }
  if (sessions.length) {
    place.append(h("h2", {}, "Sessions"), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Sessions" }, h("table", { class: "sessions" },
      h("caption", {}, "Newest first; reps are those that counted"),
      h("thead", {}, h("tr", {}, ["When", "Exercise", "Left", "Right", "Rotation", "Status", ""].map((words) => (words ? h("th", { scope: "col", class: words.toLowerCase() }, words) : h("td", { class: "right-end" }))))),
      h("tbody", {}, sessions.map((row) => h("tr", { "data-id": row.id },
        h("th", { scope: "row" }, h("a", { href: `/history/${row.id}` }, clock(row.started_at))), h("td", {}, row.name), h("td", {}, row.reps.left), h("td", {}, row.reps.right),
        h("td", { class: "rotation" }, Object.entries(row.best).map(([side, words]) => h("span", { class: "line" }, `${side} ${words}`)), Object.keys(row.best).length ? null : "–"),
        h("td", { class: "status" }, STATUS[row.status] ?? row.status),
        h("td", { class: "right-end" }, h("button", { type: "button", class: "plain danger", "aria-label": `Delete ${row.name}, ${clock(row.started_at)}`, onclick: () => deleteOne(row) }, "Delete"))))))));
    place.append(h("div", { class: "actions" }, h("a", { class: "button", href: "/api/history/export.csv", download: "coach_history.csv" }, "Export as CSV"), h("a", { class: "button", href: "/api/history/export.json", download: "coach_history.json" }, "Export as JSON")));
  }
  if (measurements.length) place.append(h("h2", {}, "Measurements"), listMeasurements(measurements, async (row) => {
    if (await confirm("Delete this measurement?", `${clock(row.at)}, with its report.`, "Delete")) await attempt(() => remove(`/api/measurements/${row.id}`));
  }));
  place.append(h("h2", {}, "Your data"), h("p", {}, "Sessions lie in a database on this machine, results of analyses and measurements in a folder beside it. Nothing is sent anywhere."),
    h("div", { class: "actions" }, h("button", { type: "button", class: "danger", id: "delete-all", onclick: deleteAll }, "Delete everything")));
}

function listMeasurements(rows, deleteOne) {
  const headings = ["When", "Left in", "Left out", "Right in", "Right out"];
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Measurements" }, h("table", {},
    h("caption", {}, "Range of hip rotation, turned in and out, newest first"),
    h("thead", {}, h("tr", {}, headings.map((words) => h("th", { scope: "col" }, words)), h("td", {}))),
    h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, clock(row.at)),
      ["left", "right"].map((side) => ["internal", "external"].map((way) => h("td", {}, row.values[side][way] ?? "–"))),
      h("td", { class: "right-end" },
        h("a", { href: `/api/measurements/${row.id}/measure.html`, target: "_blank", "aria-label": `Report, ${clock(row.at)}` }, "Report"),
        h("button", { type: "button", class: "plain danger", "aria-label": `Delete the measurement, ${clock(row.at)}`, onclick: () => deleteOne(row) }, "Delete")))))));
}

function drawSeries(one) {
  const times = one.points.map((point) => Date.parse(point.at));
  const first = times[0], span = Math.max(1, times.at(-1) - first);
  const way = one.inwards ? "internal" : "external";
  const start = one.points[0].value;
  const chart = drawDots({
    points: one.points.map((point, i) => ({ share: (times[i] - first) / span, value: point.value, sd: point.sd })),
    norm: one.inwards, joined: true,
    limits: one.points.length > 1 ? [start - one.detectable, start + one.detectable] : [],
    ends: [first, times.at(-1)].map((time) => new Date(time).toLocaleDateString()),
    label: `${way} rotation of the ${one.side} hip: ${one.points.map((point) => `${clock(point.at)} ${point.words}`).join("; ")}. ${one.change}`,
  });
  return h("figure", { class: `card ${one.side}` }, h("figcaption", {}, h("h3", { class: "side" }, `${capital(one.side)} hip`), h("p", { class: "soft" }, `${one.name}, ${way} rotation`)), chart, h("p", {}, one.change));
}

/** One past session: each rep and hold, and the corrections. */
export async function showSession(place, number) {
  const [session, { exercises }] = await Promise.all([get(`/api/history/${number}`), about()]);
  const name = exercises.find((spec) => spec.id === session.exercise)?.name ?? session.exercise;
  document.title = `${name} – coach`;
  const charts = ["left", "right"].map((side) => {
    const chart = drawReps(session.reps.filter((rep) => rep.side === side), `Each rep of the ${side} leg`);
    return chart && h("figure", { class: `card ${side}` }, h("figcaption", {}, h("h3", { class: "side" }, `${capital(side)} leg`)), chart);
  }).filter(Boolean);
  const deleteIt = async () => {
    if (!(await confirm("Delete this session?", `${name}, ${clock(session.started_at)}.`, "Delete"))) return;
    try { await remove(`/api/history/${number}`); go("/history"); } catch (error) { place.prepend(notice(error.message, "problem")); }
  };
  const empty = !session.reps.length && !session.holds.length && !session.faults.length;
  place.append(
    h("p", { class: "crumb" }, h("a", { href: "/history" }, "← History")),
    h("h1", {}, name),
    h("p", { class: "intro" }, `${clock(session.started_at)}, ${STATUS[session.status] ?? session.status}.`),
    ...(charts.length ? [h("h2", {}, "Rotation"), h("div", { class: "cards" }, charts), h("p", { class: "soft" }, "Rotation at the end of each rep, with its standard deviation; hollow ones did not count.")] : []),
    ...[
      listEvents("Reps", ["Rotation", "Result"], session.reps, (rep) => [
        rep.peak_deg === null ? "–" : `${Math.round(Math.abs(rep.peak_deg))}° ± ${Math.round(rep.peak_sd_deg)}°`, rep.valid ? "counted" : "not counted"]),
      listEvents("Holds", ["Held", "Result"], session.holds, (hold) => [
        `${hold.held_s.toFixed(1)} of ${Math.round(hold.target_s)} s`, hold.completed ? "to target" : "short"]),
      listEvents("Corrections", ["What was said"], session.faults, (fault) => [fault.cue]),
    ].flat().filter(Boolean),
    empty ? h("p", {}, "Nothing was counted in this session.") : "",
    h("div", { class: "actions" }, h("a", { class: "button", href: `/coach/${session.exercise}` }, "Once more"), empty ? null : printButton(),
      h("button", { type: "button", class: "danger", onclick: deleteIt }, "Delete")));
}

function listEvents(title, headings, rows, cells) {
  if (!rows.length) return null;
  return [h("h2", {}, title), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, h("table", {},
    h("thead", {}, h("tr", {}, ["", "Leg", "Set", ...headings].map((words) => (words ? h("th", { scope: "col" }, words) : h("td", {}))))),
    h("tbody", {}, rows.map((row, i) => h("tr", {}, h("th", { scope: "row" }, i + 1), h("td", {}, row.side ? capital(row.side) : "–"), h("td", {}, row.set_number),
      cells(row).map((words) => h("td", {}, words)))))))];
}
