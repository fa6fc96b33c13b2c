// Past sessions, the rotation of each hip over time, export and deletion.

import { get, remove } from "./api.js";
import { capital, clock, confirm, h, notice, s } from "./dom.js";

const STATUS = { complete: "done", stopped: "stopped early", running: "not finished" };
const W = 400, H = 230, LEFT = 40, RIGHT = 18, TOP = 14, BOTTOM = 34, MAX = 60;

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
  place.append(empty ? h("p", { class: "intro" }, "No sessions yet. ", h("a", { href: "/coach" }, "Begin with one.")) : h("p", { class: "intro" }, `${sessions.length} ${sessions.length === 1 ? "session" : "sessions"}, ${measurements.length} ${measurements.length === 1 ? "measurement" : "measurements"}.`));
  if (series.length) {
    place.append(h("h2", {}, "Progress per hip"), h("div", { class: "cards" }, series.map(drawSeries)),
      h("p", { class: "soft" }, "Each dot is the median peak of a session with its standard deviation. Between the dotted lines a change since the first session cannot be told from measurement error (the minimal detectable change)."));
  }
  if (sessions.length) {
    place.append(h("h2", {}, "Sessions"), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Sessions" }, h("table", {},
      h("caption", {}, "Newest first; reps are those that counted"),
      h("thead", {}, h("tr", {}, ["When", "Exercise", "Left", "Right", "Rotation", "Status", ""].map((words) => (words ? h("th", { scope: "col" }, words) : h("td", {}))))),
      h("tbody", {}, sessions.map((row) => h("tr", { "data-id": row.id },
        h("th", { scope: "row" }, clock(row.started_at)), h("td", {}, row.name), h("td", {}, row.reps.left), h("td", {}, row.reps.right),
        h("td", {}, Object.entries(row.best).map(([side, words]) => h("span", { class: "line" }, `${side} ${words}`)), Object.keys(row.best).length ? null : "–"),
        h("td", {}, STATUS[row.status] ?? row.status),
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
  const x = (time) => (one.points.length === 1 ? (LEFT + W - RIGHT) / 2 : LEFT + 14 + ((time - first) / span) * (W - LEFT - RIGHT - 28));
  const y = (deg) => TOP + (1 - Math.min(Math.max(deg, 0), MAX) / MAX) * (H - TOP - BOTTOM);
  const way = one.inwards ? "internal" : "external";
  const chart = s("svg", { class: "chart", viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${way} rotation of the ${one.side} hip: ${one.points.map((point) => `${clock(point.at)} ${point.words}`).join("; ")}. ${one.change}` },
    one.inwards ? [s("rect", { class: "norm", x: LEFT, y: y(45), width: W - LEFT - RIGHT, height: y(40) - y(45) }), s("text", { class: "norm-name", x: W - RIGHT - 6, y: y(45) - 5, "text-anchor": "end" }, "40–45°")] : null,
    [0, 15, 30, 45, 60].map((deg) => [s("line", { class: "grid", x1: LEFT, x2: W - RIGHT, y1: y(deg), y2: y(deg) }), s("text", { x: LEFT - 8, y: y(deg) + 4, "text-anchor": "end" }, `${deg}°`)]),
    one.points.length > 1 ? [-1, 1].map((sign) => s("line", { class: "mdc", x1: LEFT, x2: W - RIGHT, y1: y(one.points[0].value + sign * one.detectable), y2: y(one.points[0].value + sign * one.detectable) })) : null,
    s("path", { class: "line", d: one.points.map((point, i) => `${i ? "L" : "M"}${x(times[i]).toFixed(1)} ${y(point.value).toFixed(1)}`).join("") }),
    one.points.map((point, i) => [s("line", { class: "error", x1: x(times[i]), x2: x(times[i]), y1: y(point.value - point.sd), y2: y(point.value + point.sd) }), s("circle", { class: "dot", cx: x(times[i]), cy: y(point.value), r: 6 })]),
    s("text", { x: x(times[0]), y: H - 8, "text-anchor": one.points.length === 1 ? "middle" : "start" }, new Date(first).toLocaleDateString()),
    one.points.length > 1 ? s("text", { x: x(times.at(-1)), y: H - 8, "text-anchor": "end" }, new Date(times.at(-1)).toLocaleDateString()) : null);
  return h("figure", { class: `card ${one.side}` }, h("figcaption", {}, h("h3", { class: "side" }, `${capital(one.side)} hip`), h("p", { class: "soft" }, `${one.name}, ${way} rotation`)), chart, h("p", {}, one.change));
}
