// The camera, and its pictures as small JPEGs with the time at which they were taken.

const LONGEST_EDGE = 640;
const QUALITY = 0.85;

const REASONS = {
  NotAllowedError: "The browser was not allowed to use the camera. Allow it in the address bar, then try again.",
  NotFoundError: "No camera was found. Plug one in, then try again.",
  NotReadableError: "The camera is in use by another program. Close that one, then try again.",
  OverconstrainedError: "That camera is not there any more. Choose another one.",
};

export async function openCamera(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("This browser gives the camera only to pages on this machine (127.0.0.1) or over https.");
  }
  const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
  if (deviceId) video.deviceId = { exact: deviceId };
  else video.facingMode = "user";
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new Error(REASONS[error.name] ?? `The camera could not be opened: ${error.message || error.name}.`);
  }
}

/** Names are known only once the person has allowed the camera. */
export async function listCameras() {
  const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
  return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
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
