// The browser's own speech.  Numbers and stops interrupt; nothing is said late.

import { recall, remember } from "./dom.js";

const LATE_MS = 1500;
const STORE = "coach-voice";

export class Voice {
  constructor() {
    this.speech = window.speechSynthesis ?? null;
    this.on = recall(STORE) !== "off";
    this.waiting = null;
    this.spoken = [];
  }

  toggle() {
    this.on = !this.on;
    remember(STORE, this.on ? "on" : "off");
    if (!this.on) this.speech?.cancel();
    return this.on;
  }

  /** Browsers speak only after the person has clicked once: said empty then, it may be used later. */
  unlock() {
    if (this.speech && this.on) this.speech.speak(new SpeechSynthesisUtterance(""));
  }

  say({ text, kind }) {
    this.spoken.push(text);
    if (!this.on || !this.speech) return;
    if (kind === "stop" || kind === "count") { this.speech.cancel(); this.waiting = null; }
    else if (this.speech.speaking || this.speech.pending) { this.waiting = { text, at: performance.now() }; return; }
    this.speak(text);
  }

  speak(text) {
    const words = new SpeechSynthesisUtterance(text);
    words.lang = "en";
    words.rate = 1.05;
    words.onend = () => {
      const next = this.waiting;
      this.waiting = null;
      if (next && performance.now() - next.at < LATE_MS) this.speak(next.text);
    };
    this.speech.speak(words);
  }

  hush() { this.waiting = null; this.speech?.cancel(); }
}
