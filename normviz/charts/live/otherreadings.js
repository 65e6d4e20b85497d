// What the charts that are not by layer show, as numbers: loss and accuracy, the decision surface, single units.
import { number, percent } from "./format.js";
import { basis } from "./layerreadings.js";
import { MEASURED } from "./learning.js";

const UNDEFINED = 255; // of the surface: the network's answer is not a number

/** The last held-out numbers that were measured at this step or before: {step, values}, or null. */
export function lastMeasured(items, step) {
  let found = null;
  for (const item of items) if (item.step <= step) found = item;
  return found;
}

export function learningReading(chart) {
  const { scene } = chart;
  const { schema, t } = scene;
  const items = scene.measured(MEASURED.length);
  const batch = items.some(({ values }) => values.some((value, i) => i % 2 === 1 && Number.isFinite(value)));
  const kinds = ["train", "heldout", ...(batch ? ["batch"] : [])];
  const sets = ["loss", "accuracy"].map((what) => schema.lanes.flatMap(({ name }, lane) => {
    const field = schema.field(what, lane);
    if (!field) return [];
    const text = what === "loss" ? t("learning.loss", { unit: field.unit || "nats" }) : t("learning.accuracy");
    const first = lane * MEASURED.length + (what === "loss" ? 0 : 2);
    const read = (frame) => {
      const values = lastMeasured(items, frame.step)?.values ?? [];
      return [frame.value(field), ...kinds.slice(1).map((_, i) => values[first + i] ?? NaN)];
    };
    const write = (value) => scene.signed(value, what === "loss" ? (each) => number(each, 3) : (each) => percent(each, 1));
    return [{ name: scene.named ? t("panel.lane", { lane: name, panel: text }) : text, course: true, read, write }];
  }));
  const base = basis(chart, t("reads.measured"), kinds.map((kind) => t(`learning.${kind}`)));
  return { ...base, sets: sets.flat(), parts: chart.panels.map((panel, i) => ({ panel, sets: sets[i], over: true })) };
}

/** The class at the grid's point that is nearest to (x1, x2). */
export function answerAt({ side, classes }, { lo, hi }, x1, x2) {
  const cell = [x1, x2].map((value, i) => Math.min(side - 1, Math.max(0, Math.round(((value - lo[i]) / (hi[i] - lo[i])) * (side - 1)))));
  return classes[cell[1] * side + cell[0]];
}

/** By class: its share of the plane, its training points, and how many of them lie where it is the answer. */
export function surfaceReading(chart) {
  const { scene, lanes, planes } = chart;
  const { t, recorded } = scene;
  const { classes = [] } = planes.get(lanes[0]) ?? {};
  const byLane = lanes.map((lane) => {
    const plane = planes.get(lane);
    const named = (key) => (lanes.length > 1 ? t("panel.lane", { lane: recorded.lanes[lane].name, panel: t(key) }) : t(key));
    const cloud = (frame) => plane.clouds.findLast(({ step }) => step <= frame.step) ?? plane.clouds[0];
    const points = (frame, label) => [...cloud(frame).y].filter((each) => each === label).length;
    const set = (key, read, write, course = false) => ({ name: named(key), read: (frame) => classes.map((_, label) => read(frame, label)), write, course });
    return [
      set("reads.area", (frame, label) => areaOf(chart.answer(frame, lane), label), percent, true),
      set("reads.right", (frame, label) => rightOf(chart.answer(frame, lane), plane, cloud(frame), label), percent, true),
      set("reads.points", points, (value) => number(value)),
    ];
  });
  const base = basis(chart, t("reads.class"), classes.map(String), scene.view.player.shown);
  return { ...base, frames: scene.store.frames, sets: byLane.flat(), parts: chart.panels.map((panel, at) => ({ panel, sets: byLane[at] ?? [], over: false })) };
}

function areaOf(answer, label) {
  if (!answer) return NaN;
  const known = answer.classes.filter((each) => each !== UNDEFINED).length;
  return known ? answer.classes.filter((each) => each === label).length / known : NaN;
}

function rightOf(answer, plane, { x1, x2, y }, label) {
  if (!answer) return NaN;
  let [all, right] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    if (y[i] !== label) continue;
    all += 1;
    right += answerAt(answer, plane, x1[i], x2[i]) === label ? 1 : 0;
  }
  return all ? right / all : NaN;
}

/** Of every shown unit: where its fullest bin is, and the share in it. */
export function unitsReading(units) {
  const { ridge, scene } = units;
  const { t, recorded } = scene;
  const byLane = scene.schema.lanes.map((_, lane) => {
    const field = units.field(lane);
    if (!field) return [];
    const { layers, name } = recorded.lanes[units.origin(lane)];
    const [, count, bins] = field.shape;
    const from = Math.min(units.shown, layers - 1) * count * bins;
    const row = (frame, unit) => frame.view(field).subarray(from + unit * bins, from + (unit + 1) * bins);
    const fullest = (frame, unit) => row(frame, unit).reduce((best, value, bin, all) => (value > all[best] ? bin : best), 0);
    const width = (field.bins.hi - field.bins.lo) / bins;
    const set = (key, read, write) => ({
      name: scene.several ? t("panel.lane", { lane: name, panel: t(key) }) : t(key),
      read: (frame) => Array.from({ length: count }, (__, unit) => read(frame, unit)), write, course: false,
    });
    return [
      set("reads.fullest", (frame, unit) => row(frame, unit)[fullest(frame, unit)] / 255, percent),
      set("reads.place", (frame, unit) => field.bins.lo + (fullest(frame, unit) + 0.5) * width, (value) => number(value)),
    ];
  });
  const count = Math.max(0, ...scene.schema.lanes.map((_, lane) => units.field(lane)?.shape[1] ?? 0));
  const rows = Array.from({ length: count }, (_, unit) => t("reads.unit", { count: unit + 1 }));
  const title = t("reads.units", { layer: units.shown + 1 });
  const base = basis(ridge, t("units.axis.short"), rows, scene.view.player.shown);
  return { ...base, title, frames: scene.store.frames, sets: byLane.flat(), parts: ridge.panels.map((panel, lane) => ({ panel, sets: byLane[lane], over: false })) };
}
