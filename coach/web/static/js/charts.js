// A chart of dots with error bars: sessions of a hip over time, or the reps of one session.

import { s } from "./dom.js";

const W = 400, H = 230, LEFT = 40, RIGHT = 18, TOP = 14, BOTTOM = 34, STEP = 15, USUAL = 60;

/**
 * `points` have a share (0..1, where on the axis), a value and its sd in degrees, and `off` for what did not count.
 * `norm`: whether the 40-45 degree band applies; `limits`: values of dotted lines; `ends`: words under the axis.
 */
export function drawDots({ points, norm, limits = [], ends, label, joined = false }) {
  const x = (share) => (points.length === 1 ? (LEFT + W - RIGHT) / 2 : LEFT + 14 + share * (W - LEFT - RIGHT - 28));
  const places = points.map((point) => ({ ...point, x: x(point.share) }));
  const [first, last] = ends;
  const highest = Math.max(USUAL, STEP * Math.ceil(Math.max(...points.map((p) => p.value + p.sd)) / STEP));
  const y = (deg) => TOP + (1 - Math.min(Math.max(deg, 0), highest) / highest) * (H - TOP - BOTTOM);
  const across = (cls, deg) => s("line", { class: cls, x1: LEFT, x2: W - RIGHT, y1: y(deg), y2: y(deg) });
  const steps = Array.from({ length: highest / STEP + 1 }, (_, i) => STEP * i);
  return s("svg", { class: "chart", viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": label },
    norm ? [s("rect", { class: "norm", x: LEFT, y: y(45), width: W - LEFT - RIGHT, height: y(40) - y(45) }),
      s("text", { class: "norm-name", x: W - RIGHT - 6, y: y(45) - 5, "text-anchor": "end" }, "40–45°")] : null,
    steps.map((deg) => [across("grid", deg), s("text", { x: LEFT - 8, y: y(deg) + 4, "text-anchor": "end" }, `${deg}°`)]),
    limits.map((deg) => across("mdc", deg)),
    joined ? s("path", { class: "line", d: places.map((p, i) => `${i ? "L" : "M"}${p.x.toFixed(1)} ${y(p.value).toFixed(1)}`).join("") }) : null,
    places.map((p) => [s("line", { class: "error", x1: p.x, x2: p.x, y1: y(p.value - p.sd), y2: y(p.value + p.sd) }),
      s("circle", { class: p.off ? "dot off" : "dot", cx: p.x, cy: y(p.value), r: 6 })]),
    s("text", { x: x(0), y: H - 8, "text-anchor": points.length === 1 ? "middle" : "start" }, first),
    points.length > 1 ? s("text", { x: x(1), y: H - 8, "text-anchor": "end" }, last) : null);
}

/** The reps of one leg, in their order; null where too few of them have a measured peak. */
export function drawReps(reps, words) {
  const known = reps.map((rep, i) => ({ ...rep, number: i + 1 })).filter((rep) => rep.peak_deg !== null && rep.peak_deg !== undefined);
  if (known.length < 2) return null;
  const inwards = known.filter((rep) => rep.peak_deg > 0).length * 2 >= known.length;
  const points = known.map((rep, i) => ({ share: i / (known.length - 1), value: Math.abs(rep.peak_deg), sd: rep.peak_sd_deg ?? 0, off: !rep.valid }));
  return drawDots({
    points, norm: inwards, ends: [`rep ${known[0].number}`, `rep ${known.at(-1).number}`],
    label: `${words}: ${known.map((rep) => `${Math.round(Math.abs(rep.peak_deg))}°${rep.valid ? "" : " (not counted)"}`).join(", ")}`,
  });
}
