// The live screen, made to be read from the mat: video with the body drawn on it, count, ring, one line of words.

import { announce, h, recall, remember, s } from "./dom.js";
import { grab, makeChooser, openCamera, watchPictures } from "./camera.js";
import { Connection, forgetSession } from "./connection.js";
import { drawBody } from "./overlay.js";
import { Voice } from "./voice.js";

const RING = 2 * Math.PI * 44;
const MIRROR = "coach-mirror";

export const KEYS = [
  ["Raise a hand", "for a second: pause, go on"],
  ["Space", "pause, go on"],
  ["R", "start this set again"],
  ["Enter", "skip the rest"],
  ["M", "mirror the picture"],
  ["V", "voice on, off"],
  ["F", "full screen"],
  ["H", "this help"],
  ["Q or Esc", "stop"],
];

const MEASURE_KEYS = [["Raise a hand", "for a second: finish"], ...KEYS.filter(([key]) => !["Raise a hand", "R", "Enter", "Space"].includes(key))];

/**
 * Runs a session on the whole screen.  `panel` has an element, `show(state)` and `ring(state)`, which gives
 * { share, text, note, big } or null.  Resolves to the server's last message, or null when it was left before.
 */
export class Stage {
  constructor({ hello, panel, title, resume, can }) {
    Object.assign(this, { hello, panel, resume, can });
    this.voice = new Voice();
    this.mirrored = recall(MIRROR) !== "off";
    this.state = null;
    this.trouble = "";
    this.closed = false;
    this.build(title);
  }

  build(title) {
    this.video = h("video", { muted: true, playsinline: true, "aria-hidden": "true" });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.prompt = h("p", { class: "prompt" });
    this.note = h("p", { class: "prompt-note" });
    this.banner = h("p", { class: "banner", hidden: true });
    this.arc = s("circle", { class: "arc", cx: 50, cy: 50, r: 44, "stroke-dasharray": RING, transform: "rotate(-90 50 50)" });
    this.ringText = h("b", {});
    this.ringNote = h("span", {});
    this.ring = h("div", { class: "ring", hidden: true },
      s("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" }, s("circle", { class: "disc", cx: 50, cy: 50, r: 49 }), s("circle", { class: "track", cx: 50, cy: 50, r: 44 }), this.arc),
      h("div", {}, this.ringText, this.ringNote));
    const button = (key, words, action) => h("button", { type: "button", "aria-keyshortcuts": key, onclick: action }, words);
    this.pauseButton = this.can.pause ? button("Space", "Pause", () => this.connection?.command("pause")) : null;
    this.voiceButton = button("V", this.voice.on ? "Voice on" : "Voice off", () => this.toggleVoice());
    this.voiceButton.setAttribute("aria-pressed", this.voice.on);
    this.chooser = makeChooser("live-camera", () => this.openPicture());
    this.cameraField = h("label", { class: "camera", hidden: true }, h("span", { class: "unseen" }, "Camera"), this.chooser.select);
    this.stopButton = h("button", { type: "button", class: "stop", "aria-keyshortcuts": "Q", onclick: () => this.stop() }, this.can.stopWords ?? "Stop");
    this.help = h("dialog", { class: "help", "aria-labelledby": "help-title" }, h("h2", { id: "help-title" }, "Keys"),
      h("dl", {}, (this.can.pause ? KEYS : MEASURE_KEYS).map(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)])),
      h("div", { class: "actions" }, h("button", { type: "button", onclick: () => this.help.close() }, "Close")));
    this.element = h("section", { class: "live", "aria-label": title },
      h("h1", { class: "unseen" }, title),
      h("div", { class: "view" }, this.video, this.canvas, this.ring, this.banner),
      h("div", { class: "words" }, this.prompt, this.note),
      h("div", { class: "panel" }, this.panel.element),
      h("div", { class: "tools" }, this.pauseButton, this.voiceButton,
        button("M", "Mirror", () => this.toggleMirror()), button("H", "Help", () => this.showHelp()), this.cameraField, this.stopButton),
      this.help);
    this.applyMirror();
  }

  /** Opens camera and connection, runs, and clears up. */
  async run() {
    this.voice.unlock();
    this.stream = await openCamera();
    const over = new Promise((resolve) => { this.resolve = resolve; });
    document.body.classList.add("live-on");
    document.getElementById("main").append(this.element);
    const keys = (event) => this.key(event);
    document.addEventListener("keydown", keys);
    const resized = () => this.draw();
    const replugged = () => { if (this.trouble) this.openPicture(); };
    addEventListener("resize", resized);
    let stopWatching = () => {};
    let lock = null;
    try {
      await this.showPicture();
      navigator.mediaDevices.addEventListener?.("devicechange", replugged);
      lock = await navigator.wakeLock?.request("screen").catch(() => null);
      this.stopButton.focus({ preventScroll: true });
      this.connection = new Connection(this.hello, {
        state: (state) => this.show(state),
        status: (status) => this.status(status),
        over: (message) => this.resolve(message),
        refused: (message) => this.resolve({ type: "refused", ...message }),
      });
      window.coachConnection = this.connection; // what the benchmark and the tests read
      this.connection.open(this.resume);
      stopWatching = watchPictures(this.video, (time) => {
        if (this.connection.wants(performance.now())) this.connection.send(() => grab(this.video), time);
      });
      return await over;
    } finally {
      stopWatching();
      lock?.release();
      this.voice.hush();
      this.closed = true;
      this.closePicture();
      navigator.mediaDevices.removeEventListener?.("devicechange", replugged);
      document.removeEventListener("keydown", keys);
      removeEventListener("resize", resized);
      if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
      this.element.remove();
      document.body.classList.remove("live-on");
      if (this.connection && !this.connection.ended) { this.connection.command("stop"); this.connection.finish(); }
      forgetSession();
    }
  }

  /** Shows the open camera, and lists the others where there are any. */
  async showPicture() {
    this.trouble = "";
    this.video.srcObject = this.stream;
    this.stream.getVideoTracks()[0].onended = () => this.tell("The camera is gone. Plug it in again.");
    await this.video.play();
    this.element.style.setProperty("--ratio", `${this.video.videoWidth} / ${this.video.videoHeight}`);
    this.cameraField.hidden = (await this.chooser.refresh()) < 2;
  }

  /** Opens the camera anew: another one was chosen, or it was plugged in again. */
  async openPicture() {
    this.closePicture();
    try {
      this.stream = await openCamera();
      if (this.closed) this.closePicture();
      else await this.showPicture();
    } catch (error) { this.tell(error.message); }
  }

  /** Says what is wrong with the camera, and keeps it on the screen. */
  tell(trouble) {
    this.trouble = trouble;
    this.say(trouble);
    this.showBanner(trouble);
  }

  closePicture() {
    for (const track of this.stream.getTracks()) { track.onended = null; track.stop(); }
  }

  show(state) {
    this.state = state;
    for (const say of state.says) this.say(say.text, say.kind);
    this.element.dataset.stage = state.stage;
    this.prompt.textContent = state.prompt;
    this.prompt.classList.toggle("cue", Boolean(state.cue) || state.stage === "framing");
    this.note.textContent = state.note ?? "";
    this.panel.show(state);
    this.showRing(this.panel.ring(state));
    if (this.pauseButton) this.pauseButton.textContent = state.stage === "paused" ? "Go on" : "Pause";
    this.showBanner(this.trouble || (state.stage === "paused" ? "Paused" : state.stage === "finished" ? "Done" : ""));
    this.draw();
    if ((state.stage === "finished" || state.complete) && !this.ending) {
      this.ending = setTimeout(() => this.stop(), 2500); // the last words have to be heard
    }
  }

  draw() { drawBody(this.canvas, this.video, this.state, this.mirrored); }

  showRing(ring) {
    this.ring.hidden = !ring;
    if (!ring) return;
    this.ring.classList.toggle("big", Boolean(ring.big));
    this.ring.classList.toggle("quiet", Boolean(ring.quiet));
    this.arc.setAttribute("stroke-dashoffset", RING * (1 - Math.min(1, Math.max(0, ring.share))));
    this.ringText.textContent = ring.text;
    this.ringNote.textContent = ring.note ?? "";
  }

  showBanner(text) {
    this.banner.hidden = !text;
    this.banner.textContent = text;
  }

  status(status) {
    const words = { connecting: "Connecting …", loading: "Loading the pose model …", lost: "Connection lost. Trying again …" }[status];
    if (words) { this.showBanner(words); announce(words); }
    else if (!this.state) this.showBanner("Looking for you …");
    else this.showBanner("");
  }

  say(text, kind = "stage") {
    this.voice.say({ text, kind });
    if (kind !== "guide" || text !== this.lastGuide) announce(text);
    if (kind === "guide") this.lastGuide = text;
  }

  stop() {
    if (this.stopping) return;
    this.stopping = true;
    if (this.connection?.ready) {
      this.showBanner("One moment …");
      this.connection.command("stop");
      setTimeout(() => this.resolve(null), 8000);
    } else this.resolve(null);
  }

  toggleVoice() {
    const on = this.voice.toggle();
    this.voiceButton.textContent = on ? "Voice on" : "Voice off";
    this.voiceButton.setAttribute("aria-pressed", on);
    announce(on ? "Voice on" : "Voice off");
  }

  toggleMirror() {
    this.mirrored = !this.mirrored;
    remember(MIRROR, this.mirrored ? "on" : "off");
    this.applyMirror();
    this.draw();
  }

  applyMirror() { this.video.classList.toggle("mirrored", this.mirrored); }

  showHelp() { if (this.help.open) this.help.close(); else this.help.showModal(); }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (this.help.open) { if (key === "h") this.help.close(); return; }
    const onButton = event.target instanceof HTMLButtonElement && event.target !== this.stopButton;
    const actions = {
      v: () => this.toggleVoice(), m: () => this.toggleMirror(), h: () => this.showHelp(), q: () => this.stop(), escape: () => this.stop(),
      f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.())?.catch(() => {}),
    };
    if (this.can.pause) {
      actions.r = () => this.connection?.command("reset");
      if (!onButton) { actions[" "] = () => this.connection?.command("pause"); actions.enter = () => this.connection?.command("skip"); }
    }
    if (!actions[key]) return;
    event.preventDefault();
    actions[key]();
  }
}
