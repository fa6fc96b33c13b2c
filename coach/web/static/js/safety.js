// The first-run screen: what people have to have read once before they are coached.

import { about, post } from "./api.js";
import { h } from "./dom.js";

/** Resolves to whether it was read, now or earlier. */
export async function readSafety() {
  const known = await about();
  if (known.acknowledged) return true;
  const [title, ...lines] = known.safety.join("\n").replaceAll(",\n", ", ").split("\n"); // there in lines for a window
  const agreed = await new Promise((resolve) => {
    const dialog = h("dialog", { class: "safety", "aria-labelledby": "safety-title" },
      h("h2", { id: "safety-title" }, title), lines.map((line) => h("p", {}, line)),
      h("div", { class: "actions" },
        h("button", { type: "button", class: "primary", onclick: () => dialog.close("yes") }, "I have read this"),
        h("button", { type: "button", onclick: () => dialog.close("") }, "Not now")));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
  });
  if (agreed) {
    await post("/api/safety");
    known.acknowledged = true;
  }
  return agreed;
}
