// Values by layer at the shown step: points, joined by a line, with bars for the spread.

/** Names of the x axis: 1..most, and "out" where the last entry is the output layer. */
export function layerNames(most, output, t) {
  const names = Array.from({ length: most }, (_, i) => String(i + 1));
  if (output) names.push(t("layer.out"));
  return names;
}

/** Where entry i of a lane with `depth` hidden layers stands on an axis of `most` hidden layers. */
export const slotOf = (i, depth, most) => (i < depth ? i + 1 : most + 1);

/** The key by which charts are linked: the layer's index, or "out". */
export const layerKey = (i, depth) => (i < depth ? i : "out");

/** A dash a lane, in parts of the type size; with the markers it tells lanes apart without colour. */
const DASHES = [[], [0.42, 0.25], [0.15, 0.22], [0.7, 0.25, 0.15, 0.25]];

export const laneDash = (lane, type) => DASHES[lane % DASHES.length].map((part) => part * type);

/** Draws one marker: a disc for the first lane, a square for the second, then triangle and diamond. */
export function marker(context, lane, x, y, r) {
  context.beginPath();
  if (lane === 1) context.rect(x - r, y - r, 2 * r, 2 * r);
  else if (lane === 2) {
    context.moveTo(x, y - r * 1.2);
    context.lineTo(x + r * 1.15, y + r);
    context.lineTo(x - r * 1.15, y + r);
  } else if (lane === 3) {
    context.moveTo(x, y - r * 1.3);
    context.lineTo(x + r * 1.3, y);
    context.lineTo(x, y + r * 1.3);
    context.lineTo(x - r * 1.3, y);
  } else context.arc(x, y, r, 0, 2 * Math.PI);
  context.fill();
}

/**
 * Paints `sets`: [{lane, values, spread, scale, depth, count}]; values and spread are raw numbers
 * times `scale`. One lane takes the layers' colours, several take the lanes' colours.
 */
export function paintByLayer(panel, scene, sets, most) {
  const several = sets.length > 1;
  const context = panel.beginClipped(6);
  const pitch = panel.x.of(2) - panel.x.of(1);
  const r = Math.max(2, Math.min(scene.type * 0.36, pitch * 0.28));
  sets.forEach((set, order) => {
    const shift = several ? (order - (sets.length - 1) / 2) * Math.min(pitch * 0.3, r * 2.4) : 0;
    const base = several ? scene.laneColor(set.lane) : scene.theme.muted;
    joinPoints(context, panel, scene, set, most, shift, base);
    for (let i = 0; i < set.count; i++) {
      const value = set.values[i] * set.scale;
      if (!Number.isFinite(value)) continue;
      const x = panel.x.of(slotOf(i, set.depth, most)) + shift;
      const key = layerKey(i, set.depth);
      const color = several ? base : scene.layerColor(key);
      context.globalAlpha = scene.dimmed(key) ? 0.22 : 1;
      context.fillStyle = context.strokeStyle = color;
      if (set.spread) paintBar(context, panel, x, value, set.spread[i] * set.scale, pitch > 10 ? r : 0, scene);
      marker(context, origin(scene, set.lane), x, Math.min(panel.plot.y + panel.plot.h, panel.y.of(value)), scene.highlight === key ? r * 1.5 : r);
    }
  });
  context.restore();
}

function joinPoints(context, panel, scene, set, most, shift, color) {
  context.strokeStyle = color;
  context.globalAlpha = scene.highlight === null ? 0.7 : 0.25;
  context.lineWidth = 1.25 * scene.theme.thick;
  context.setLineDash(laneDash(origin(scene, set.lane), scene.type));
  context.beginPath();
  let down = false;
  for (let i = 0; i < set.count; i++) {
    const value = set.values[i] * set.scale;
    if (!Number.isFinite(value)) {
      down = false;
      continue;
    }
    const x = panel.x.of(slotOf(i, set.depth, most)) + shift;
    if (down) context.lineTo(x, panel.y.of(value));
    else context.moveTo(x, panel.y.of(value));
    down = true;
  }
  context.stroke();
  context.setLineDash([]);
}

/** The recorded lane that a drawn one is of: shapes and dashes are its own, like its colour. */
export const origin = (scene, lane) => scene.schema?.lanes[lane]?.origin ?? lane;

function paintBar(context, panel, x, value, spread, r, { type, theme }) {
  if (!Number.isFinite(spread)) return;
  const a = panel.y.of(value - spread);
  const b = panel.y.of(value + spread);
  context.lineWidth = Math.max(1.5, type / 7) * theme.thick;
  context.beginPath();
  context.moveTo(x, a);
  context.lineTo(x, b);
  if (r > 0) {
    context.moveTo(x - r, a);
    context.lineTo(x + r, a);
    context.moveTo(x - r, b);
    context.lineTo(x + r, b);
  }
  context.stroke();
}

/** Entry under the pointer: index of the nearest slot, or -1. */
export function slotAt(panel, x, slots) {
  const at = Math.round(panel.x.back(x));
  return at >= 1 && at <= slots ? at - 1 : -1;
}
