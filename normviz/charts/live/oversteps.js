// Lines over all recorded steps, from the thinned history: painted a few times a second at most.
import { nearestByStep, niceEnd } from "./scale.js";
import { spread } from "./store.js";
import { marker } from "./bylayer.js";

/** The frames worth drawing on a plot of this width. */
export function drawnFrames(scene, panel) {
  const width = panel.plot.w || panel.width;
  return spread(scene.store.frames, Math.max(60, Math.min(300, Math.round(width)))).map((frame) => scene.frame(frame));
}

export const stepAxis = (scene) => ({
  flags: scene.schema.flags, kind: "linear", lo: 0, hi: niceEnd(scene.store.newest?.step ?? 0), name: [scene.t("axis.step"), scene.t("axis.step.short")],
});

/**
 * Least and greatest finite value of some fields over the frames; `least` skips values at or below
 * it; `spreads` are fields to be added to and taken from the values, one a field.
 */
export function extent(frames, fields, least = -Infinity, spreads = []) {
  let lo = Infinity;
  let hi = -Infinity;
  for (const [n, field] of fields.entries()) {
    if (!field) continue;
    for (const frame of frames) {
      const view = frame.view(field);
      const spread = frame.view(spreads[n] ?? null);
      for (let i = 0; i < view.length; i++) {
        const value = view[i] * field.scale;
        if (!(value > least) || value === Infinity) continue;
        const wide = (spread && spread[i]) || 0;
        if (value - wide < lo) lo = value - wide;
        if (value + wide > hi) hi = value + wide;
      }
    }
  }
  return [lo, hi];
}

/** Strokes one line through points [{step, value}] given by two readers. Gaps where not finite. */
export function strokeLine(context, panel, count, stepAt, valueAt) {
  let down = false;
  context.beginPath();
  for (let i = 0; i < count; i++) {
    const value = valueAt(i);
    if (!Number.isFinite(value)) {
      down = false;
      continue;
    }
    const x = panel.x.of(stepAt(i));
    const y = panel.y.of(value);
    if (down) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      context.lineTo(x + 0.01, y);
    }
    down = true;
  }
  context.stroke();
}

/** One line a layer of `field`, coloured by depth, thin ones at plus and minus `band`; the pointed-at layer on top. */
export function paintLayerLines(panel, scene, frames, field, band, depth) {
  const context = panel.beginClipped(1);
  const stepAt = (i) => frames[i].step;
  const width = Math.max(1.25, scene.type / 8) * scene.theme.thick;
  context.lineJoin = "round";
  const draw = (layer) => {
    const key = layer < depth ? layer : "out";
    context.globalAlpha = scene.dimmed(key) ? 0.16 : 1;
    context.strokeStyle = scene.layerColor(key);
    context.lineWidth = scene.highlight === key ? width * 2 : width;
    context.setLineDash(key === "out" ? [3, 3] : []);
    const value = (i) => frames[i].view(field)[layer] * field.scale;
    strokeLine(context, panel, frames.length, stepAt, value);
    if (!band || scene.dimmed(key)) return;
    context.globalAlpha = 0.45;
    context.lineWidth = scene.theme.thick;
    for (const sign of [-1, 1]) {
      strokeLine(context, panel, frames.length, stepAt, (i) => value(i) + sign * frames[i].view(band)[layer] * band.scale);
    }
  };
  for (let layer = field.size - 1; layer >= 0; layer--) draw(layer);
  const lit = scene.highlight === "out" ? depth : scene.highlight;
  if (lit !== null && lit < field.size) {
    if (band) paintBand(context, panel, scene, frames, field, band, lit);
    draw(lit);
  }
  context.setLineDash([]);
  context.restore();
  if (frames.length === 1) paintDots(panel, scene, frames[0], field, depth);
}

/** With a single frame there is no line yet: a dot a layer. */
function paintDots(panel, scene, frame, field, depth) {
  const context = panel.front.context;
  for (let layer = field.size - 1; layer >= 0; layer--) {
    const value = frame.value(field, layer);
    if (!Number.isFinite(value)) continue;
    const key = layer < depth ? layer : "out";
    context.globalAlpha = scene.dimmed(key) ? 0.2 : 1;
    context.fillStyle = scene.layerColor(key);
    marker(context, 0, panel.x.of(frame.step) + 3, panel.y.of(value), 2.5);
  }
  context.globalAlpha = 1;
}

function paintBand(context, panel, scene, frames, field, band, layer) {
  context.beginPath();
  const at = (frame, sign) => panel.y.of(frame.view(field)[layer] * field.scale + sign * frame.view(band)[layer] * band.scale);
  frames.forEach((frame, i) => context[i ? "lineTo" : "moveTo"](panel.x.of(frame.step), at(frame, 1)));
  for (let i = frames.length - 1; i >= 0; i--) context.lineTo(panel.x.of(frames[i].step), at(frames[i], -1));
  context.closePath();
  context.globalAlpha = 0.25;
  context.fillStyle = scene.layerColor(layer);
  context.fill();
}

/** The layer whose line passes nearest to the pointer, within reach: {frame, layer}. */
export function lineAt(panel, scene, field, x, y) {
  const frames = scene.store.frames;
  if (!panel.x || !frames.length) return null;
  const frame = scene.frame(frames[nearestByStep(frames, panel.x.back(x))]);
  let best = -1;
  let reach = scene.type * 3;
  for (let layer = 0; layer < field.size; layer++) {
    const away = Math.abs(panel.y.of(frame.value(field, layer)) - y);
    if (away < reach) {
      reach = away;
      best = layer;
    }
  }
  return best < 0 ? null : { frame, layer: best };
}
