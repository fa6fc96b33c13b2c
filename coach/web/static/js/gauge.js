// The upright gauge: rotation now with its error bar, the 40-45 degree band, the best of today; or, where only
// the change is read, how far it has gone and the stretch that a good rep reaches.

import { s } from "./dom.js";

const TOP = 8, HEIGHT = 284, X = 8, WIDTH = 46;

export const rotationScale = (outwards) => ({ low: outwards ? -60 : -15, high: 60, band: [40, 45], name: "40–45°", zero: "0°", outwards });
export const changeScale = ([low, high], unit) => ({ low: 0, high: 1.3 * high, band: [low, high], name: unit ? `aim ${low}–${high}${unit}` : "aim", zero: "start", outwards: false });

export class Gauge {
  constructor(scale) {
    this.scale = scale;
    const [low, high] = scale.band;
    const band = this.y(high);
    this.labels = [this.y((low + high) / 2) + 6, this.y(0) + 6, ...(scale.outwards ? [this.y(-30) + 6] : [])];
    this.bar = s("rect", { class: "fill", x: X + 11, width: WIDTH - 22, rx: 4 });
    this.error = s("line", { class: "error", x1: X + WIDTH / 2, x2: X + WIDTH / 2 });
    this.now = s("line", { class: "now", x1: X - 5, x2: X + WIDTH + 5 });
    this.best = s("line", { class: "best", x1: X, x2: X + WIDTH });
    this.bestName = s("text", { class: "best-name", x: X + WIDTH + 9 });
    this.element = s("svg", { class: "gauge", viewBox: "0 0 150 300", preserveAspectRatio: "xMinYMid meet", "aria-hidden": "true" },
      s("rect", { class: "track", x: X, y: TOP, width: WIDTH, height: HEIGHT, rx: 8 }),
      s("rect", { class: "norm", x: X, y: band, width: WIDTH, height: this.y(low) - band }),
      s("text", { class: "norm-name", x: X + WIDTH + 9, y: this.labels[0] }, scale.name),
      s("line", { class: "zero", x1: X, x2: X + WIDTH, y1: this.y(0), y2: this.y(0) }),
      s("text", { x: X + WIDTH + 9, y: this.labels[1] }, scale.zero),
      ...(scale.outwards ? [s("text", { x: X + WIDTH + 9, y: this.labels[2] }, "30° out")] : []),
      this.bar, this.best, this.bestName, this.error, this.now);
    this.show(null, null, null, null);
  }

  y(deg) {
    const { low, high } = this.scale;
    const share = (Math.min(Math.max(deg, low), high) - low) / (high - low);
    return TOP + HEIGHT * (1 - share);
  }

  show(deg, sd, side, best) {
    const seen = deg !== null && deg !== undefined;
    this.element.classList.toggle("right", side === "right");
    for (const part of [this.bar, this.error, this.now]) part.toggleAttribute("hidden", !seen);
    this.best.toggleAttribute("hidden", best === null || best === undefined);
    this.bestName.textContent = "";
    if (seen) {
      const y = this.y(deg), zero = this.y(0);
      this.bar.setAttribute("y", Math.min(y, zero));
      this.bar.setAttribute("height", Math.abs(zero - y));
      for (const i of ["1", "2"]) this.now.setAttribute(`y${i}`, y);
      this.error.setAttribute("y1", this.y(deg + (sd ?? 0)));
      this.error.setAttribute("y2", this.y(deg - (sd ?? 0)));
    }
    if (best !== null && best !== undefined) {
      const y = this.y(best);
      for (const i of ["1", "2"]) this.best.setAttribute(`y${i}`, y);
      let label = y + 6;
      for (const taken of this.labels) if (Math.abs(label - taken) < 22) label = taken + (label >= taken ? 24 : -24);
      this.bestName.setAttribute("y", label);
      this.bestName.textContent = `best ${Math.round(Math.abs(best))}°`;
    }
  }
}
