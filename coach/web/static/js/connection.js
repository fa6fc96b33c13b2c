// The live connection: sends pictures as fast as they are answered, and finds back when it breaks.

import { recall, remember } from "./dom.js";

const IN_FLIGHT = 2;
const MOST_PER_S = 15;
const ANSWER_LIMIT_MS = 4000; // no answer for so long: what was on its way is given up
const GIVE_UP_MS = 110_000;
const HEADER = 12;
const CLOCK = crypto.getRandomValues(new Uint32Array(2)).join("-");
const STORE = "coach-session";
const tab = () => sessionStorage;

export const savedSession = () => {
  try {
    const saved = JSON.parse(recall(STORE, tab));
    return saved && Date.now() - saved.at < GIVE_UP_MS ? saved : null;
  } catch { return null; }
};
export const forgetSession = () => remember(STORE, null, tab);

/**
 * `on` has: state(message), over(message), refused(message), status("connecting" | "loading" | "open" | "lost").
 */
export class Connection {
  constructor(hello, on) {
    this.hello = { ...hello, clock: CLOCK };
    this.on = on;
    this.token = null;
    this.seq = 0;
    this.answered = 0;
    this.nextAt = 0;
    this.answeredAt = 0;
    this.ended = false;
    this.busy = false;
    this.lostAt = 0;
    this.wait = 300;
    this.sent = 0;
    this.delays = [];
    this.sentAt = new Map();
  }

  open(resume) {
    this.token = resume ?? this.token;
    this.on.status(this.token && this.lostAt ? "lost" : "connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    this.socket = socket;
    socket.onopen = () => {
      const hello = { ...this.hello };
      if (this.token) { hello.resume = this.token; delete hello.takeover; }
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (event) => this.take(JSON.parse(event.data));
    socket.onclose = () => { if (socket === this.socket) this.closed(); };
  }

  get ready() { return this.welcomed && this.socket?.readyState === WebSocket.OPEN; }

  take(message) {
    if (message.seq) this.acknowledge(message.seq);
    if (message.type === "welcome") {
      this.token = message.token;
      this.welcomed = true;
      this.lostAt = 0;
      this.wait = 300;
      this.answered = this.seq;
      remember(STORE, JSON.stringify({ token: this.token, hello: this.hello, at: Date.now() }), tab);
      this.on.status("open");
    } else if (message.type === "loading") this.on.status("loading");
    else if (message.type === "state") this.on.state(message);
    else if (message.type === "over") { this.finish(); this.on.over(message); }
    else if (message.type === "refused") {
      this.finish();
      const over = message.code === "gone" && this.seq > 0; // it ended while the connection was broken
      this.on.refused(over ? { code: "lost", words: "The session has ended meanwhile. What was done is in the history." } : message);
    }
  }

  acknowledge(seq) {
    this.answered = Math.max(this.answered, seq);
    this.answeredAt = performance.now();
    const sentAt = this.sentAt.get(seq);
    if (sentAt) { this.delays.push(this.answeredAt - sentAt); if (this.delays.length > 300) this.delays.shift(); }
    for (const key of this.sentAt.keys()) if (key <= seq) this.sentAt.delete(key);
  }

  /** Whether a picture may be sent now; when answers stay away for long, what was on its way is given up. */
  wants(now) {
    if (!this.ready || this.busy || now < this.nextAt) return false;
    if (this.seq - this.answered < IN_FLIGHT) return true;
    return now - Math.max(this.answeredAt, this.lastSent ?? 0) > ANSWER_LIMIT_MS;
  }

  /** Sends the picture that `grab` makes, taken at `time` seconds on this page's clock. */
  async send(grab, time) {
    this.busy = true;
    const now = performance.now();
    this.nextAt = Math.max(now, Math.min(this.nextAt || now, now)) + 1000 / MOST_PER_S - 8;
    try {
      const blob = await grab();
      const picture = blob && new Uint8Array(await blob.arrayBuffer());
      if (!picture || !this.ready) return;
      const data = new Uint8Array(HEADER + picture.length);
      const head = new DataView(data.buffer);
      head.setUint32(0, ++this.seq, true);
      head.setFloat64(4, time, true);
      data.set(picture, HEADER);
      this.lastSent = performance.now();
      this.sentAt.set(this.seq, this.lastSent);
      this.socket.send(data);
      this.sent += 1;
    } finally {
      this.busy = false;
    }
  }

  command(type) {
    if (this.ready) this.socket.send(JSON.stringify({ type }));
  }

  closed() {
    this.welcomed = false;
    if (this.ended) return;
    this.lostAt ||= Date.now();
    if (!this.token || Date.now() - this.lostAt > GIVE_UP_MS) {
      this.finish();
      this.on.refused({ code: "lost", words: "The connection to the coach was lost. Is 'coach serve' still running?" });
      return;
    }
    this.on.status("lost");
    setTimeout(() => { if (!this.ended) this.open(); }, this.wait);
    this.wait = Math.min(4000, this.wait * 1.7);
  }

  finish() {
    this.ended = true;
    forgetSession();
    const socket = this.socket;
    setTimeout(() => socket?.close(), 200);
  }
}
