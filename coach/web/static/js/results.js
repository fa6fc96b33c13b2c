// What a session or a video came to: a card for each leg, the form, and the page after a session.

import { drawReps } from "./charts.js";
import { capital, clock, h, notice, printButton } from "./dom.js";

export function resultCards(result) {
  return h("div", { class: "cards" }, result.cards.map((card) => h("section", { class: `card ${card.side}` },
    h("h3", { class: "side" }, `${capital(card.side)} leg`),
    h("div", { class: "counts" },
      h("p", { class: "number" }, card.reps, h("small", {}, `${card.reps === 1 ? "rep" : "reps"}${card.partial ? ` · ${card.partial} not counted` : ""}`)),
      card.held_s ? h("p", { class: "number" }, card.holds, h("small", {}, `${card.holds === 1 ? "hold" : "holds"} to target, ${Math.round(card.held_s)} s in all`)) : null),
    card.withheld
      ? h("p", { class: "notice" }, h("strong", {}, "Rotation not measured. "), card.withheld)
      : [h("p", { class: "value" }, card.value), h("p", { class: "soft" }, card.label), card.remark ? h("p", {}, card.remark) : null, repsChart(result.summary, card)])));
}

function repsChart(summary, card) {
  const chart = drawReps(summary.sides[card.side].reps, `Each rep of the ${card.side} leg`);
  return chart && h("figure", {}, chart, h("figcaption", { class: "soft" }, "Rotation at the end of each rep, with its standard deviation; hollow ones did not count."));
}

export const nothingCounted = (result) => result.cards.every((card) => !card.reps && !card.partial && !card.held_s);

export function formList(result) {
  if (!result.faults.length) return h("p", {}, nothingCounted(result) ? "Nothing was counted, so there was nothing to judge." : "No faults were seen.");
  const seen = new Map();
  for (const fault of result.faults) {
    const key = `${fault.name} ${fault.side ?? ""}`;
    seen.set(key, { ...fault, count: (seen.get(key)?.count ?? 0) + 1 });
  }
  return h("ul", {}, [...seen.values()].map((fault) => h("li", {}, h("strong", {}, fault.cue), ` ${capital(fault.name)}${fault.side ? `, ${fault.side} leg` : ""}${fault.count > 1 ? `, ${fault.count} times` : ""}.`)));
}

export function showSummary(place, spec, message) {
  const { result } = message;
  const again = h("div", { class: "actions" },
    h("a", { class: "button primary", href: `/coach/${spec.id}`, id: "again" }, "Once more"), h("a", { class: "button", href: "/coach" }, "Another exercise"), h("a", { class: "button", href: "/history" }, "History"),
    result ? printButton() : null);
  const parts = [h("h1", { id: "summary" }, message.reason === "taken-over" ? "Continued in another tab" : result?.summary.complete ? "Well done" : "Session ended"), h("p", { class: "intro" }, `${spec.name}, ${clock(Date.now())}`)];
  if (message.words) parts.push(notice(message.words, "problem"));
  for (const warning of message.warnings ?? []) parts.push(notice(warning));
  if (result) {
    parts.push(h("h2", { class: "unseen" }, "Each leg"), resultCards(result));
    if (!result.view.ok && result.view.advice) parts.push(notice(`The camera saw: ${result.view.measured}. ${result.view.advice}`));
    parts.push(h("h2", {}, "Form"), formList(result));
    if (result.stored) parts.push(h("p", { class: "soft" }, `Stored as session ${result.history_id} in the history. No pictures were kept.`));
  } else if (message.reason !== "taken-over") parts.push(h("p", {}, "Counting had not begun, so there is nothing to show."));
  place.replaceChildren(...parts, again);
  document.getElementById("main").focus({ preventScroll: true });
  scrollTo(0, 0);
}
