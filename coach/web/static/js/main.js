// Shows the page that the address asks for.

import { h, notice } from "./dom.js";
import { go } from "./go.js";
import { showAnalyse } from "./analyse.js";
import { showExercise, showPicker } from "./coach.js";
import { showHistory, showSession } from "./history.js";
import { showHome } from "./home.js";
import { showMeasure } from "./measure.js";

const PAGES = [
  [/^\/$/, "coach", showHome],
  [/^\/coach$/, "Exercises", showPicker],
  [/^\/coach\/([\w-]+)$/, "Coach", showExercise],
  [/^\/measure$/, "Measure", showMeasure],
  [/^\/analyse$/, "Analyse", showAnalyse],
  [/^\/history$/, "History", showHistory],
  [/^\/history\/(\d+)$/, "Session", showSession],
];

const main = document.getElementById("main");
let leave = null;
let turn = 0;

async function show(focus) {
  const path = location.pathname.replace(/(.)\/$/, "$1");
  const [pattern, title, page] = PAGES.find(([p]) => p.test(path)) ?? PAGES[0];
  leave?.();
  leave = null;
  const mine = ++turn;
  document.title = title === "coach" ? "coach" : `${title} – coach`;
  for (const link of document.querySelectorAll(".bar nav a")) {
    if (path.startsWith(link.getAttribute("href"))) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = h("div", { class: "page" });
  main.replaceChildren(place);
  try {
    const left = await page(place, ...(pattern.exec(path)?.slice(1) ?? []));
    if (mine === turn) leave = left ?? null;
    else left?.();
  } catch (error) {
    place.replaceChildren(h("h1", {}, "That did not work"), notice(error.message, "problem"));
  }
  if (mine === turn && focus) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='/']");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.target || link.hasAttribute("download") || link.pathname.startsWith("/api/")) return;
  event.preventDefault();
  go(link.pathname);
});
addEventListener("popstate", () => show(true));
show(false);
