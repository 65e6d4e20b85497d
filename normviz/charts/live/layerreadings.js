// What the charts by layer show, as numbers: histograms, moments, norms, covariate shift, saturation, curve.
import { number, percent } from "./format.js";

const PERCENTILES = [["reads.p1", 0], ["reads.p15", 1], ["tip.median", 2], ["reads.p85", 3], ["reads.p99", 4]];
const short = (value) => number(value, 3);

/** The rows' names: hidden layers, and the output layer where it counts. */
export function layerRows({ depth, t }, output = false) {
  const rows = Array.from({ length: depth }, (_, i) => t("layer.name", { layer: i + 1 }));
  return output ? [...rows, t("layer.output")] : rows;
}

/** Reads a field into `depth` hidden rows and, of a field over weights, the output row: number `part` of `per` a layer. */
export function reader(field, layers, depth, { per = 1, part = 0 } = {}) {
  const output = field.axes[0] === "weights";
  return (frame) => Array.from({ length: depth + (output ? 1 : 0) }, (_, row) => {
    const index = row < layers ? row : row === depth ? layers : undefined;
    return index === undefined ? undefined : frame.value(field, index * per + part);
  });
}

/** What every reading says of its chart. */
export function basis(chart, head, rows, frame = chart.scene.shown) {
  const { scene } = chart;
  const frames = scene.store.frames.map((each) => scene.frame(each));
  return { title: chart.card.title.textContent, head, rows, frame, frames };
}

/** A quantity's name, with its lane where several are drawn. */
function named(scene, lane, text, unit = "") {
  const what = unit ? `${text} (${unit})` : text;
  return scene.named ? scene.t("panel.lane", { lane: scene.schema.lanes[lane].name, panel: what }) : what;
}

/** Sets of every lane: `quantities(lane)` gives [{field, text, write, per, part, course}]. */
function laneSets(scene, quantities) {
  return scene.schema.lanes.map(({ layers }, lane) => quantities(lane).filter(({ field }) => field).map(({ field, text, unit, write = short, course = false, ...place }) => ({
    name: named(scene, lane, text, unit), course, read: reader(field, layers, scene.depth, place), write: (value) => scene.signed(value, write),
  })));
}

/** Parts for panels that show one lane each, and for one that shows all lanes now. */
const partsOf = (panels, byLane, over) => panels.map((panel, lane) => ({ panel, sets: byLane[lane] ?? [], over }));

export function ridgeReading(chart) {
  const { scene } = chart;
  const { t } = scene;
  const share = (value) => percent(value);
  const byLane = laneSets(scene, (lane) => {
    const field = (name) => chart.field(name, lane);
    const { unit } = field("mean") ?? {};
    const pct = scene.mode === "grad" ? null : field("pct");
    return [
      { field: field("mean"), text: t("tip.mean"), unit: unit || t(`unit.${scene.mode}`) },
      { field: field("std"), text: t("tip.std") },
      ...PERCENTILES.map(([key, part]) => ({ field: pct, text: t(key), per: 5, part })),
      { field: field("outside"), text: t("reads.below"), per: 2, part: 0, write: share },
      { field: field("outside"), text: t("reads.above"), per: 2, part: 1, write: share },
    ];
  });
  byLane.forEach((sets, lane) => addFullest(scene, sets, lane, chart.field("hist", lane)));
  const told = byLane.map((sets) => sets.slice(0, 2));
  const title = `${chart.card.title.textContent}: ${t(`long.${scene.mode}`)}`;
  return { ...basis(chart, t("axis.layer.short"), layerRows(scene)), title, sets: byLane.flat(), parts: partsOf(chart.panels, told, false) };
}

/** The share in a row's fullest bin, which stands at the right of it. */
function addFullest(scene, sets, lane, field) {
  if (!field || scene.difference) return;
  const { layers } = scene.schema.lanes[lane];
  const bins = field.shape[1];
  const read = (frame) => Array.from({ length: scene.depth }, (_, row) => {
    if (row >= layers) return undefined;
    return frame.view(field).subarray(row * bins, (row + 1) * bins).reduce((most, value) => Math.max(most, value), 0) * field.scale;
  });
  sets.push({ name: named(scene, lane, scene.t("reads.fullest")), course: false, read, write: (value) => percent(value) });
}

export function momentsReading(chart) {
  const { scene } = chart;
  const { t } = scene;
  const byLane = laneSets(scene, (lane) => ["mean", "std"].map((name) => ({
    field: chart.field(name, lane), text: t(`moments.${name}`), unit: chart.unit, course: true,
  })));
  const over = byLane.map((sets) => (chart.over === "both" ? sets : [sets[chart.over === "std" ? 1 : 0]]).filter(Boolean));
  const title = `${chart.card.title.textContent}: ${t(`long.${scene.mode}`)}`;
  const parts = [...chart.nowPanels.map((panel) => ({ panel, sets: byLane.flat(), over: false })), ...partsOf(chart.overPanels, over, true)];
  return { ...basis(chart, t("axis.layer.short"), layerRows(scene)), title, sets: byLane.flat(), parts };
}

/** Norms by layer, and measures of covariate shift: by layer, percentiles of a typical unit, or one number. */
export function normsReading(chart) {
  const { scene } = chart;
  const { t } = scene;
  const { some } = chart;
  if (!some) return { ...basis(chart, t("axis.layer.short"), []), sets: [], parts: [] };
  const flat = some.axes.length === 0;
  const percentiles = chart.typical ? PERCENTILES.slice(1, 4) : null;
  const byLane = flat ? scene.schema.lanes.map((_, lane) => single(chart, lane)) : laneSets(scene, (lane) => {
    const field = chart.field(lane);
    const one = { field, text: some.label, unit: some.unit, course: true };
    return percentiles ? percentiles.map(([key, part]) => ({ ...one, text: `${some.label}, ${t(key)}`, per: 5, part })) : [one];
  });
  const rows = flat ? [some.label] : layerRows(scene, chart.output);
  const now = chart.nowPanels.map((panel) => ({ panel, sets: byLane.flat(), over: false }));
  return { ...basis(chart, t("axis.layer.short"), rows), sets: byLane.flat(), parts: [...now, ...partsOf(chart.overPanels, byLane, true)] };
}

/** A measure without layers. */
function single(chart, lane) {
  const { scene } = chart;
  const own = chart.field(lane);
  if (!own) return [];
  return [{ name: named(scene, lane, own.label, own.unit), course: true, read: (frame) => [frame.value(own)], write: (value) => scene.signed(value, short) }];
}

export function saturationReading(chart) {
  const { scene } = chart;
  const { t, schema } = scene;
  const byLane = laneSets(scene, (lane) => [
    { field: schema.field("saturated", lane), text: t("saturation.tip"), write: percent, course: true },
    { field: schema.field("dead", lane), text: t("saturation.dead"), write: percent, course: true },
  ]);
  return { ...basis(chart, t("axis.layer.short"), layerRows(scene)), sets: byLane.flat(), parts: partsOf(chart.panels, byLane.map((sets) => sets.slice(0, 1)), true) };
}

/** The lesson's chart draws what was recorded, also where the others draw differences. */
export function curveReading(chart) {
  const { scene } = chart;
  const { t, recorded } = scene;
  const depth = Math.max(...recorded.lanes.map(({ layers }) => layers));
  const byLane = recorded.lanes.map(({ layers, name }, lane) => {
    const field = recorded.field("pre_pct", lane);
    const lead = (text) => (recorded.lanes.length > 1 ? t("panel.lane", { lane: name, panel: text }) : text);
    return field ? PERCENTILES.map(([key, part]) => ({ name: lead(`z, ${t(key)}`), course: false, read: reader(field, layers, depth, { per: 5, part }), write: short })) : [];
  });
  const base = basis(chart, t("axis.layer.short"), layerRows({ depth, t }), scene.view.player.shown);
  return { ...base, frames: scene.store.frames, sets: byLane.flat(), parts: partsOf(chart.panels, byLane.map((sets) => sets.slice(1, 4)), false) };
}
