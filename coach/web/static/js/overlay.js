// Draws the body and the protractor over the local video.

const NAMES = ["nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index", "right_foot_index"];
const at = (name) => NAMES.indexOf(name);
const LEG = ["hip-knee", "knee-ankle", "ankle-heel", "heel-foot_index", "ankle-foot_index"];
const ARM = ["shoulder-hip", "shoulder-elbow", "elbow-wrist"];
const pairs = (side, list) => list.map((pair) => pair.split("-").map((part) => at(`${side}_${part}`)));
const COLOURS = { left: "#56b4e9", right: "#f09f00" };
const HALO = "rgb(20 24 28 / .75)";
const SEEN = 0.2;
const SCALE = Math.PI / 3;

/** Fits the canvas over the picture and returns how its places (0..1) become pixels. */
function fit(canvas, video, mirrored) {
  const { clientWidth: w, clientHeight: hh } = canvas;
  const density = Math.min(2, devicePixelRatio || 1);
  if (canvas.width !== Math.round(w * density) || canvas.height !== Math.round(hh * density)) {
    canvas.width = Math.round(w * density);
    canvas.height = Math.round(hh * density);
  }
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, w, hh);
  const scale = Math.min(w / video.videoWidth, hh / video.videoHeight);
  const pw = video.videoWidth * scale, ph = video.videoHeight * scale;
  const left = (w - pw) / 2, top = (hh - ph) / 2;
  const place = (x, y) => [left + (mirrored ? 1 - x : x) * pw, top + y * ph];
  return { context, place, unit: Math.min(pw, ph) / 100, width: pw };
}

function stroke(context, path, colour, width, halo) {
  context.lineCap = context.lineJoin = "round";
  if (halo) { context.strokeStyle = HALO; context.lineWidth = width + 2 * halo; context.stroke(path); }
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

function bones(view, pose, list) {
  const path = new Path2D();
  for (const [a, b] of list) {
    if (pose[a][2] < SEEN || pose[b][2] < SEEN) continue;
    path.moveTo(...view.place(pose[a][0], pose[a][1]));
    path.lineTo(...view.place(pose[b][0], pose[b][1]));
  }
  return path;
}

function drawArc(view, arc, mirrored) {
  const { context, unit } = view;
  const [x, y] = view.place(arc.x, arc.y);
  const r = Math.max(8 * unit, arc.r * view.width);
  const flip = (angle) => (mirrored ? Math.PI - angle : angle);
  const from = flip(arc.from), to = flip(arc.to);
  let turned = (to - from) % (2 * Math.PI);
  if (turned > Math.PI) turned -= 2 * Math.PI;
  if (turned < -Math.PI) turned += 2 * Math.PI;
  const sector = new Path2D();
  sector.moveTo(x, y);
  sector.arc(x, y, r, from, from + turned, turned < 0);
  sector.closePath();
  context.globalAlpha = 0.4;
  context.fillStyle = COLOURS[arc.side];
  context.fill(sector);
  context.globalAlpha = 1;
  const scale = new Path2D();
  scale.arc(x, y, r, from - SCALE, from + SCALE);
  for (let i = -4; i <= 4; i += 1) {
    const angle = from + (i * SCALE) / 4, inner = i % 2 ? 0.94 : 0.88;
    scale.moveTo(x + inner * r * Math.cos(angle), y + inner * r * Math.sin(angle));
    scale.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  stroke(context, scale, "#fff", 0.35 * unit, 0.15 * unit);
  const start = new Path2D();
  start.moveTo(x, y);
  start.lineTo(x + 1.12 * r * Math.cos(from), y + 1.12 * r * Math.sin(from));
  context.setLineDash([1.2 * unit, 1.2 * unit]);
  stroke(context, start, "#fff", 0.5 * unit, 0);
  context.setLineDash([]);
  const rim = new Path2D();
  rim.arc(x, y, r, from, from + turned, turned < 0);
  stroke(context, rim, COLOURS[arc.side], 1.1 * unit, 0.25 * unit);
}

/** Draws one state; nothing is written here, so the same works mirrored. */
export function drawBody(canvas, video, state, mirrored) {
  if (!video.videoWidth) return;
  const view = fit(canvas, video, mirrored);
  const pose = state?.pose;
  if (!pose) return;
  const { context, unit } = view;
  stroke(context, bones(view, pose, [[at("left_shoulder"), at("right_shoulder")], [at("left_hip"), at("right_hip")]]), "#fff", 0.6 * unit, 0.3 * unit);
  const working = state.working.length ? state.working : [];
  for (const side of ["left", "right"]) {
    stroke(context, bones(view, pose, pairs(side, ARM)), COLOURS[side], 0.6 * unit, 0.3 * unit);
    if (!working.includes(side)) stroke(context, bones(view, pose, pairs(side, LEG)), COLOURS[side], 0.9 * unit, 0.3 * unit);
  }
  for (const arc of state.arcs) drawArc(view, arc, mirrored);
  for (const side of working) {
    stroke(context, bones(view, pose, pairs(side, LEG)), COLOURS[side], 1.8 * unit, 0.4 * unit);
    for (const joint of ["hip", "knee", "ankle"]) {
      const [x, y, v] = pose[at(`${side}_${joint}`)];
      if (v < SEEN) continue;
      context.beginPath();
      context.arc(...view.place(x, y), 1.5 * unit, 0, 2 * Math.PI);
      context.fillStyle = "#fff";
      context.fill();
      context.lineWidth = 0.4 * unit;
      context.strokeStyle = HALO;
      context.stroke();
    }
  }
}

export function clearBody(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}
