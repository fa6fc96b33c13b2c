// Drawings of the exercises and of the camera's place: pictograms from a few joints each.

import { s } from "./dom.js";

const FLOOR = 126;

// Each: far limbs, body, near limbs, the working leg, where it came from (ghost), and the way it moves.
const FIGURES = {
  "seated-rotation": {
    head: [100, 26], body: [[100, 50, 100, 92]],
    limbs: [[94, 54, 70, 74, 62, 98], [106, 54, 128, 62, 132, 74], [92, 96, 64, 76, 54, 120]],
    work: [108, 96, 116, 110, 152, 121], ghost: [108, 96, 138, 74, 152, 120], move: "M138 66Q122 70 116 92",
  },
  "side-lying-rotation": {
    head: [30, 98], body: [[52, 104, 100, 106]],
    limbs: [[54, 108, 44, 120, 24, 118], [100, 112, 136, 118, 164, 118]],
    work: [100, 100, 140, 96, 162, 62], ghost: [140, 96, 182, 98], move: "M184 88Q184 68 172 58",
  },
  "banded-clamshell": {
    head: [30, 98], body: [[52, 104, 98, 106]],
    limbs: [[54, 108, 44, 120, 24, 118], [98, 112, 136, 118, 170, 116]],
    work: [98, 100, 130, 66, 168, 106], ghost: [98, 104, 136, 106, 168, 112], move: "M146 100Q150 84 142 70",
    band: "M118 84Q128 98 120 115",
  },
  "windshield-wipers": {
    head: [26, 112], body: [[48, 116, 100, 116]],
    limbs: [[62, 112, 62, 90], [100, 116, 116, 82, 146, 119]],
    work: [100, 116, 142, 96, 168, 120], ghost: [100, 112, 132, 68, 158, 119], move: "M138 62Q156 70 156 88",
  },
  "posterior-capsule-stretch": {
    head: [44, 74], body: [[62, 82, 118, 84]],
    limbs: [[64, 86, 54, 120]],
    work: [120, 86, 112, 119, 158, 121], ghost: null, move: "M128 66Q148 62 160 76",
  },
  "ninety-ninety-lift": {
    head: [96, 26], body: [[96, 50, 96, 94]],
    limbs: [[90, 54, 72, 78, 66, 104], [102, 54, 120, 76, 126, 96], [92, 100, 50, 112, 78, 120]],
    work: [102, 100, 142, 112, 174, 86], ghost: [142, 112, 180, 119], move: "M186 110Q190 94 182 82",
  },
  "squat-rotation": {
    head: [98, 32], body: [[98, 56, 98, 92]],
    limbs: [[92, 60, 78, 80, 92, 90], [104, 60, 118, 80, 106, 90], [92, 96, 62, 84, 64, 120]],
    work: [106, 96, 122, 106, 140, 119], ghost: [106, 96, 136, 84, 138, 120], move: "M142 76Q128 78 124 92",
  },
  "standing-dissociation": {
    head: [98, 18], body: [[98, 42, 98, 74]],
    limbs: [[92, 46, 74, 58, 66, 76], [104, 46, 122, 56, 132, 70], [95, 78, 94, 100, 94, 121]],
    work: [102, 78, 122, 84, 122, 112], ghost: null, move: "M104 98Q122 88 146 94", both: true,
  },
};

const line = (points, cls) => {
  let d = `M${points[0]} ${points[1]}`;
  for (let i = 2; i < points.length; i += 2) d += `L${points[i]} ${points[i + 1]}`;
  return s("path", { class: cls, d });
};

/** A limb with a rim of the background, so that it stands out from what it crosses. */
const limb = (points, cls = "") => [line(points, `limb rim ${cls}`), line(points, `limb ${cls}`)];

let arrows = 0;
function arrow(d, both) {
  const id = `arrow-${++arrows}`;
  return [
    s("marker", { id, viewBox: "0 0 10 10", refX: 6, refY: 5, markerWidth: 4.5, markerHeight: 4.5, orient: "auto-start-reverse" },
      s("path", { class: "tip", d: "M0 0L10 5L0 10z" })),
    s("path", { class: "move", d, "marker-end": `url(#${id})`, "marker-start": both ? `url(#${id})` : null }),
  ];
}

export function drawExercise(id) {
  const f = FIGURES[id];
  const picture = s("svg", { class: "figure", viewBox: "0 0 200 140", "aria-hidden": "true" },
    line([10, FLOOR + 4, 190, FLOOR + 4], "floor"));
  if (!f) {
    picture.append(s("path", { class: "move", d: "M60 60a44 44 0 0 0 80 0" }), line([100, 30, 100, 66, 126, 100], "limb work"));
    return picture;
  }
  picture.append(
    ...(f.ghost ? [line(f.ghost, "limb ghost")] : []),
    ...f.body.flatMap((points) => limb(points, "trunk")),
    ...f.limbs.flatMap((points) => limb(points)),
    s("circle", { class: "head", cx: f.head[0], cy: f.head[1], r: 12 }),
    ...limb(f.work, "work"),
    ...(f.band ? [s("path", { class: "band", d: f.band })] : []),
    ...arrow(f.move, f.both));
  return picture;
}

export function drawMeasure() {
  return s("svg", { class: "figure", viewBox: "0 0 200 140", "aria-hidden": "true" },
    s("path", { class: "sector", d: "M112 78L112 130A52 52 0 0 0 148.8 114.8Z" }),
    line([56, 82, 144, 82], "bench"), line([62, 84, 62, 130], "bench"), line([138, 84, 138, 130], "bench"),
    ...limb([100, 44, 100, 72], "trunk"), ...limb([94, 48, 76, 62, 72, 76]), ...limb([106, 48, 124, 62, 128, 76]),
    s("circle", { class: "head", cx: 100, cy: 20, r: 12 }),
    ...limb([92, 77, 86, 78, 86, 124]), ...limb([107, 77, 113, 78, 144, 112], "work"), ...arrow("M116 134Q136 134 148 124"));
}

export function drawAnalyse() {
  return s("svg", { class: "figure", viewBox: "0 0 200 140", "aria-hidden": "true" },
    s("rect", { class: "sheet", x: 28, y: 22, width: 144, height: 88, rx: 10 }),
    s("rect", { class: "norm", x: 40, y: 44, width: 120, height: 12 }),
    s("path", { class: "curve", d: "M40 96C52 96 52 50 62 50S72 96 84 96S94 46 104 46S116 96 126 96S136 52 146 52S154 90 160 92" }),
    line([40, 122, 160, 122], "floor"), s("circle", { class: "head", cx: 92, cy: 122, r: 6 }));
}

/** Seen from above: the person, and the camera in front. */
export function drawPlace(words) {
  return s("svg", { class: "figure plan", viewBox: "14 14 92 118", role: "img", "aria-label": words },
    ...limb([50, 42, 46, 66]), ...limb([70, 42, 74, 66]), ...limb([42, 34, 78, 34], "trunk"), s("circle", { class: "head dark", cx: 60, cy: 32, r: 11 }),
    s("g", { transform: "translate(60 118) rotate(-90)" },
      s("path", { class: "cone", d: "M8 0L46 -24L46 24Z" }),
      s("rect", { class: "camera", x: -11, y: -9, width: 17, height: 18, rx: 4 }),
      s("path", { class: "camera", d: "M6 -4L12 -7V7L6 4Z" })));
}

export function drawHistory() {
  const dots = [[52, 88], [84, 80], [116, 66], [148, 58]];
  return s("svg", { class: "figure", viewBox: "0 0 200 140", "aria-hidden": "true" },
    s("rect", { class: "norm", x: 30, y: 40, width: 140, height: 12 }), line([30, 116, 170, 116], "floor"),
    line(dots.flat(), "curve"), dots.map(([x, y]) => [line([x, y - 13, x, y + 13], "error"), s("circle", { class: "point", cx: x, cy: y, r: 6 })]));
}
