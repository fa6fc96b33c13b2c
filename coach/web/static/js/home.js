import { h } from "./dom.js";
import { drawExercise, drawHistory, drawMeasure, drawAnalyse } from "./figures.js";

export function showHome(place) {
  const card = (href, title, words, drawing) => h("li", {},
    h("a", { class: "choice", href }, h("span", { class: "drawing" }, drawing),
      h("span", {}, h("strong", {}, title), h("span", { class: "soft" }, words))));
  place.append(
    h("h1", { class: "lead" }, "Hip rotation, coached by the camera you have"),
    h("p", { class: "intro" }, "It counts your repetitions, times your holds, measures how far the thigh turns against the 40–45° reference, and says what to correct: aloud, and in letters that can be read from the mat."),
    h("ul", { class: "choices" },
      card("/coach", "Coach a session", "Pick an exercise. The coach guides you into the start pose, counts aloud and corrects.", drawExercise("seated-rotation")),
      card("/measure", "Measure the range", "Internal and external rotation of both hips, three trials each, with the error bar.", drawMeasure()),
      card("/analyse", "Analyse a video", "Drop a recording and get counts, an annotated video and a report.", drawAnalyse()),
      card("/history", "See your progress", "Each hip over time, with what is a real change and what is not. Export or delete it.", drawHistory())));
}
