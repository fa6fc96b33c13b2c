// The browser's own speech, or tones where it has none.  One thing at a time, by the rules of the window's voice.

import { h, recall, remember } from "./dom.js";

const LATE_MS = 1500; // what cannot be said within this time after its event is not said at all
const NUMBER_MS = 800; // a number takes this long to say
const RANK = { stop: 0, count: 1, stage: 2, cue: 3, guide: 4 };
const STORE = "coach-voice";
const PITCHES_HZ = { count: 880, stage: 660, stop: 440, cue: 330 };

const isOn = () => recall(STORE) !== "off";
const setOn = (on) => remember(STORE, on ? "on" : "off");

/** For how long, in milliseconds, what runs may not be broken off for something of this kind; maybe never. */
function waitFor(running, kind) {
  if (kind === "stop") return running.kind === "stop" ? Infinity : 0;
  if (running.kind === "count" && (kind === "count" || kind === "cue")) return running.since + NUMBER_MS - performance.now();
  return ["guide", "cue"].includes(running.kind) && ["count", "stage"].includes(kind) ? 0 : Infinity;
}

export class Voice {
  constructor() {
    this.speech = window.speechSynthesis ?? null;
    this.on = isOn();
    this.waiting = null; // one sentence
    this.running = null;
  }

  /** Whether there is a voice; browsers may know only a moment after the page was loaded. */
  get speaks() { return Boolean(this.speech?.getVoices().length); }

  toggle() {
    this.on = !this.on;
    setOn(this.on);
    if (!this.on) this.silence();
    return this.on;
  }

  /** Browsers make sounds only after the person has clicked once: asked for then, they may be used later. */
  unlock() {
    this.audio ??= window.AudioContext ? new AudioContext() : null;
    this.audio?.resume().catch(() => {});
    if (this.speech && this.on) this.speech.speak(new SpeechSynthesisUtterance(""));
  }

  say({ text, kind }) {
    if (!this.on) return;
    if (!this.speaks) { this.sound(PITCHES_HZ[kind]); return; }
    const at = performance.now();
    if (this.waiting && RANK[this.waiting.kind] < RANK[kind] && at - this.waiting.at <= LATE_MS) return;
    this.waiting = { text, kind, at };
    this.attend();
  }

  /** Speak what waits, unless something else is being said that may not be broken off. */
  attend() {
    clearTimeout(this.later);
    if (!this.waiting) return;
    if (this.running && (this.speech.speaking || this.speech.pending)) {
      const wait = waitFor(this.running, this.waiting.kind);
      if (wait > 0) {
        if (wait < Infinity) this.later = setTimeout(() => this.attend(), wait);
        return;
      }
      this.speech.cancel();
    }
    const { text, kind, at } = this.waiting;
    this.waiting = this.running = null;
    if (performance.now() - at <= LATE_MS) this.speak(text, kind);
  }

  speak(text, kind) {
    const words = new SpeechSynthesisUtterance(text);
    const running = { kind, since: performance.now() };
    words.lang = "en";
    words.rate = 1.05;
    words.onstart = () => { running.since = performance.now(); };
    words.onend = words.onerror = () => {
      if (this.running !== running) return;
      this.running = null;
      this.attend();
    };
    this.running = running;
    this.speech.speak(words);
  }

  sound(pitch_hz) {
    if (!pitch_hz || this.audio?.state !== "running") return;
    const now = this.audio.currentTime;
    const tone = new OscillatorNode(this.audio, { frequency: pitch_hz });
    const loudness = new GainNode(this.audio, { gain: 0.25 });
    loudness.gain.setTargetAtTime(0, now + 0.12, 0.03); // or it would click
    tone.connect(loudness).connect(this.audio.destination);
    tone.start(now);
    tone.stop(now + 0.4);
  }

  silence() {
    clearTimeout(this.later);
    this.waiting = this.running = null;
    this.speech?.cancel();
  }

  hush() {
    this.silence();
    this.audio?.close().catch(() => {});
  }
}

/** The switch for a form: on unless somebody turned it off. */
export function makeVoiceField() {
  const box = h("input", { type: "checkbox", checked: isOn(), onchange: () => setOn(box.checked) });
  return h("label", { class: "check" }, box, "Spoken cues");
}
