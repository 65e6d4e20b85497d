// Axes of a panel: painted on the panel's back canvas, and only when something in them changed.
import { power, tick } from "./format.js";
import { decadeTicks, linear, linearTicks, logarithmic } from "./scale.js";

/** Ticks of layer numbers that fit into `room` pixels, each at least `least` pixels wide. */
export function layerTicks(names, room, least) {
  const every = [1, 2, 5, 10, 20, 50].find((step) => (room / names.length) * step >= least) ?? 100;
  const ticks = [];
  const pitch = room / names.length;
  const output = !/^\d/.test(names.at(-1));
  names.forEach((label, i) => {
    const number = i + 1;
    const last = output && i === names.length - 1;
    const afterFirst = number === 1 || (number - 1) * pitch >= least * 0.95;
    const tooNear = output && !last && (names.length - number) * pitch < least * 1.05;
    const due = every === 1 || number === 1 || (number % every === 0 && afterFirst);
    if (last || (!tooNear && due)) ticks.push({ at: number, label });
  });
  return ticks;
}

/** Ticks of one axis over `room` pixels: [{at, label}]. */
function ticksOf(axis, room, font, across) {
  if (axis.kind === "layers") return layerTicks(axis.names, room, across ? font * 1.25 : font * (axis.names.length > 9 ? 1.75 : 1.4));
  if (axis.kind === "log") {
    return decadeTicks(axis.lo, axis.hi, room / (font * 1.8)).map((e) => ({ at: 10 ** e, label: power(e) }));
  }
  if (axis.kind === "exponents") {
    const step = [1, 2, 3, 4, 6].find((e) => (room / (axis.hi - axis.lo)) * e >= font * 2.8) ?? 12;
    const ticks = [];
    for (let e = Math.ceil(axis.lo / step) * step; e <= axis.hi; e += step) ticks.push({ at: e, label: power(e) });
    return ticks;
  }
  let count = room / (across ? font * 2.2 : font * 4);
  let { ticks, step } = linearTicks(axis.lo, axis.hi, count);
  for (let more = 0; more < 2 && ticks.length < 3 && room > font * 4; more++) {
    count *= 1.5;
    ({ ticks, step } = linearTicks(axis.lo, axis.hi, count));
  }
  return ticks.map((at) => ({ at, label: axis.share ? `${tick(at * 100, step * 100)}${axis.share === "points" ? "" : " %"}` : tick(at, step) }));
}

const domainOf = (axis) => (axis.kind === "layers" ? [0.5, axis.names.length + 0.5] : [axis.lo, axis.hi]);

function scaleOf(axis, from, to) {
  const [lo, hi] = domainOf(axis);
  return axis.kind === "log" ? logarithmic(lo, hi, from, to) : linear(lo, hi, from, to);
}

const keyOf = ({ kind, lo, hi, share, base, names, name, bare }) =>
  `${kind} ${lo} ${hi} ${share} ${base} ${names?.length} ${names?.at(-1)} ${name} ${bare}`;

/**
 * Sets panel.x, panel.y and panel.plot, and paints ticks, grid, caption and the x axis's name.
 * x, y: {kind: linear|log|layers|exponents, lo, hi, names, name, share, base, bare}; at `base` stands a line of its own. The y axis's name and
 * unit are the caption above the plot. Names and captions may be lists of wordings, longest first. Layers run downwards on y. True when it painted.
 */
export function paintAxes(panel, scene, { x, y, caption, right = 8, gutter = 0, color = null }) {
  const key = `${keyOf(x)}|${keyOf(y)}|${caption}|${right}|${gutter}|${scene.type}|${scene.theme.key}|${color}`;
  if (key === panel.axesKey) return false;
  panel.axesKey = key;
  const context = panel.begin(panel.back);
  const font = scene.type;
  context.font = `${font}px ${scene.theme.font}`;
  const top = caption ? Math.round(font * 1.95) : Math.round(font * 0.6);
  const bottom = Math.round(font * (x.name ? 2.75 : 1.5));
  const height = Math.max(10, panel.height - top - bottom);
  const yTicks = y.bare ? [] : ticksOf(y, height, font, true);
  const widest = yTicks.reduce((most, t) => Math.max(most, context.measureText(t.label).width), 0);
  const left = Math.ceil((y.bare ? 6 : widest + 8) + gutter);
  const width = Math.max(10, panel.width - left - right - gutter);
  panel.plot = { x: left, y: top, w: width, h: height };
  panel.x = scaleOf(x, left, left + width);
  panel.y = y.kind === "layers" ? scaleOf(y, top, top + height) : scaleOf(y, top + height, top);
  const drawnY = y.bare ? ticksOf(y, height, font, true) : yTicks;
  paintGrid(context, panel, scene, y.kind === "layers" ? [] : drawnY);
  if (y.base !== undefined) paintBase(context, panel, scene, y.base);
  paintYLabels(context, panel, scene, yTicks, gutter);
  paintXLabels(context, panel, scene, ticksOf(x, width, font, false));
  if (x.name) paintName(context, panel, scene, x.name);
  if (caption) paintCaption(context, panel, scene, caption, color);
  for (const flag of x.flags ?? []) paintFlag(context, panel, scene, flag);
  panel.cursorAt = null;
  return true;
}

/** Something changed after this step: a line with a pennant on top, in the lane's colour. */
function paintFlag(context, panel, scene, { step, lane }) {
  const { y, h, x: left, w } = panel.plot;
  const x = Math.round(panel.x.of(step)) + 0.5;
  if (x < left || x > left + w) return;
  const size = Math.round(scene.type * 0.5);
  context.strokeStyle = context.fillStyle = scene.several && lane !== null ? scene.laneColor(lane) : scene.theme.text;
  context.lineWidth = 1.5 * scene.theme.thick;
  context.beginPath();
  context.moveTo(x, y + h);
  context.lineTo(x, y - size);
  context.stroke();
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size * 1.3, y - size / 2);
  context.lineTo(x, y);
  context.closePath();
  context.fill();
}

function paintGrid(context, panel, scene, ticks) {
  const { x, y, w, h } = panel.plot;
  context.strokeStyle = scene.theme.grid;
  context.lineWidth = scene.theme.thick;
  context.beginPath();
  for (const t of ticks) {
    const at = Math.round(panel.y.of(t.at)) + 0.5;
    context.moveTo(x, at);
    context.lineTo(x + w, at);
  }
  context.stroke();
  context.strokeStyle = scene.theme.muted;
  context.beginPath();
  context.moveTo(x + 0.5, y);
  context.lineTo(x + 0.5, y + h + 0.5);
  context.lineTo(x + w, y + h + 0.5);
  context.stroke();
}

/** Where two lanes are equal: 0 of a difference, 1 of a ratio. */
function paintBase(context, panel, scene, base) {
  const { x, w } = panel.plot;
  const at = Math.round(panel.y.of(base)) + 0.5;
  context.strokeStyle = scene.theme.text;
  context.lineWidth = 1.5 * scene.theme.thick;
  context.beginPath();
  context.moveTo(x, at);
  context.lineTo(x + w, at);
  context.stroke();
  context.lineWidth = 1;
}

function paintYLabels(context, panel, scene, ticks, gutter) {
  context.fillStyle = scene.theme.text;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const t of ticks) context.fillText(t.label, panel.plot.x - gutter - 5, panel.y.of(t.at));
}

function paintXLabels(context, panel, scene, ticks) {
  const { x, y, w, h } = panel.plot;
  context.textBaseline = "top";
  context.fillStyle = scene.theme.text;
  context.strokeStyle = scene.theme.muted;
  let end = -Infinity;
  for (const t of ticks) {
    const at = panel.x.of(t.at);
    const half = context.measureText(t.label).width / 2;
    const middle = Math.min(Math.max(at, half), panel.width - half);
    if (middle - half < end + 4) continue;
    end = middle + half;
    context.textAlign = "center";
    context.fillText(t.label, middle, y + h + 5);
    if (at < x - 1 || at > x + w + 1) continue;
    context.beginPath();
    context.moveTo(Math.round(at) + 0.5, y + h);
    context.lineTo(Math.round(at) + 0.5, y + h + 4);
    context.stroke();
  }
}

/** The first of the wordings (longest first) that fits; the last one is cut if need be. */
function fitted(context, wordings, room) {
  const texts = Array.isArray(wordings) ? wordings : [wordings];
  const fits = texts.find((text) => context.measureText(text).width <= room);
  if (fits !== undefined) return fits;
  let cut = texts.at(-1);
  while (cut.length > 3 && context.measureText(`${cut}…`).width > room) cut = cut.slice(0, -1);
  return `${cut.trimEnd()}…`;
}

function paintName(context, panel, scene, name) {
  context.fillStyle = scene.theme.muted;
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  const text = fitted(context, name, panel.width - 4);
  const right = Math.max(panel.plot.x + panel.plot.w, Math.min(panel.width - 2, context.measureText(text).width + 2));
  context.fillText(text, right, panel.height - Math.max(4, Math.round(scene.type * 0.28)));
}

function paintCaption(context, panel, scene, caption, color) {
  context.fillStyle = color ?? scene.theme.text;
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(fitted(context, caption, panel.width - 6), 2, 2);
}
