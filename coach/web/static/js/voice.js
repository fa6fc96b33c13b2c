// The browser's own speech, or tones where it has none.  Numbers and stops interrupt; nothing is said late.

import { h, recall, remember } from "./dom.js";

const LATE_MS = 1500;
const STORE = "coach-voice";
const PITCHES_HZ = { count: 880, stage: 660, stop: 440, cue: 330 };

const isOn = () => recall(STORE) !== "off";
const setOn = (on) => remember(STORE, on ? "on" : "off");

export class Voice {
  constructor() {
    this.speech = window.speechSynthesis ?? null;
    this.on = isOn();
    this.waiting = null;
    this.spoken = [];
  }

  /** Whether there is a voice; browsers may know only a moment after the page was loaded. */
  get speaks() { return Boolean(this.speech?.getVoices().length); }

  toggle() {
    this.on = !this.on;
    setOn(this.on);
    if (!this.on) this.speech?.cancel();
    return this.on;
  }

  /** Browsers make sounds only after the person has clicked once: asked for then, they may be used later. */
  unlock() {
    this.audio ??= window.AudioContext ? new AudioContext() : null;
    this.audio?.resume().catch(() => {});
    if (this.speech && this.on) this.speech.speak(new SpeechSynthesisUtterance(""));
  }

  say({ text, kind }) {
    this.spoken.push(text);
    if (!this.on) return;
    if (!this.speaks) { this.sound(PITCHES_HZ[kind]); return; }
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

  hush() {
    this.waiting = null;
    this.speech?.cancel();
    this.audio?.close().catch(() => {});
  }
}

/** The switch for a form: on unless somebody turned it off. */
export function makeVoiceField() {
  const box = h("input", { type: "checkbox", checked: isOn(), onchange: () => setOn(box.checked) });
  return h("label", { class: "check" }, box, "Spoken cues");
}
