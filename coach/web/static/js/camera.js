// The camera, and its pictures as small JPEGs with the time at which they were taken.

import { h, recall, remember } from "./dom.js";

const LONGEST_EDGE = 640;
const QUALITY = 0.85;
const STORE = "coach-camera";
const ASK = "ask";

const REASONS = {
  NotAllowedError: "The browser was not allowed to use the camera.",
  NotFoundError: "No camera was found. Plug one in, then try again.",
  NotReadableError: "The camera is in use by another program. Close that one, then try again.",
};
const ALLOW = [
  "Open the camera or settings sign at the address bar, and allow the camera for this page.",
  "No such sign? Then the system forbids it: look for the camera under Privacy in the system settings, and allow it for this browser.",
  "Press Start again. No picture leaves this machine.",
];

/** What went wrong, with the way out of it where there is one. */
export function explainFailure(error) {
  return h("div", { class: "problem", role: "alert" }, h("p", {}, error.message), error.steps ? h("ol", {}, error.steps.map((step) => h("li", {}, step))) : null);
}

/** The camera that was chosen, or whichever there is when that one is gone. */
export async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("This browser gives the camera only to pages on this machine (127.0.0.1) or over https.");
  }
  const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
  const chosen = recall(STORE);
  try {
    const one = chosen ? { deviceId: { exact: chosen } } : { facingMode: "user" };
    return await navigator.mediaDevices.getUserMedia({ video: { ...video, ...one }, audio: false });
  } catch (error) {
    if (chosen && error.name === "OverconstrainedError") {
      remember(STORE, null);
      return openCamera();
    }
    const problem = new Error(REASONS[error.name] ?? `The camera could not be opened: ${error.message || error.name}.`);
    if (error.name === "NotAllowedError") problem.steps = ALLOW;
    throw problem;
  }
}

/** Names are known only once the person has allowed the camera. */
async function listCameras() {
  const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
  return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
}

/** A list to choose the camera from; `changed` is called when another one was chosen. */
export function makeChooser(id, changed = () => {}) {
  const select = h("select", { id, onchange: () => { remember(STORE, select.value || null); changed(); } });
  const refresh = async (more = []) => {
    const cameras = await listCameras();
    const chosen = recall(STORE) ?? "";
    select.replaceChildren(h("option", { value: "" }, "The usual one"),
      ...cameras.map((each, i) => h("option", { value: each.deviceId }, each.label || `Camera ${i + 1}`)), ...(cameras.length ? [] : more));
    select.value = cameras.some((each) => each.deviceId === chosen) ? chosen : "";
    return cameras.length;
  };
  return { select, refresh };
}

/** The chooser for a form; before the camera was allowed once, its last entry asks for the names. */
export function makeCameraField() {
  const problem = h("div", {});
  const ask = h("option", { value: ASK }, "Find the others …");
  const find = async () => {
    problem.replaceChildren();
    if (select.value !== ASK) return;
    remember(STORE, null);
    try {
      for (const track of (await openCamera()).getTracks()) track.stop();
    } catch (error) { problem.replaceChildren(explainFailure(error)); }
    await refresh([ask]);
  };
  const { select, refresh } = makeChooser("camera", find);
  refresh([ask]);
  return h("div", { class: "field" }, h("label", { for: "camera" }, "Camera"), select, problem);
}

/** Calls `take(seconds)` for each new picture of the video; returns how to stop. */
export function watchPictures(video, take) {
  let stopped = false;
  if (!video.requestVideoFrameCallback) {
    let last = -1;
    const look = () => {
      if (stopped) return;
      if (video.currentTime !== last) { last = video.currentTime; take(performance.now() / 1000); }
      requestAnimationFrame(look);
    };
    look();
  } else {
    const next = (now, facts) => {
      if (stopped) return;
      take((facts.captureTime ?? now) / 1000);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }
  return () => { stopped = true; };
}

const canvas = document.createElement("canvas");

/** The video's picture as a JPEG of at most 640 pixels. */
export function grab(video) {
  const scale = Math.min(1, LONGEST_EDGE / Math.max(video.videoWidth, video.videoHeight));
  const width = Math.round(video.videoWidth * scale);
  const height = Math.round(video.videoHeight * scale);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d", { alpha: false, willReadFrequently: false }).drawImage(video, 0, 0, width, height);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
}
