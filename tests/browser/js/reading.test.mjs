import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADER, Frame, readSchema } from "../../../normviz/charts/live/codec.js";
import { differences } from "../../../normviz/charts/live/difference.js";
import { normsReading, reader, ridgeReading, saturationReading } from "../../../normviz/charts/live/layerreadings.js";
import { answerAt, lastMeasured, learningReading, surfaceReading } from "../../../normviz/charts/live/otherreadings.js";
import { describe, extremes, mostChanged, plain, tables } from "../../../normviz/charts/live/reading.js";
import { makeWords } from "../../../normviz/charts/live/words.js";

const t = makeWords();

/** A scene of lanes with so many layers each, and one frame a step with the numbers that `write` gives. */
function scene(depths, steps, write) {
  let offset = 0;
  const fields = [];
  depths.forEach((depth, lane) => {
    for (const [name, shape, axes, more] of [
      ["alive", [], [], {}],
      ["loss", [], [], { unit: "nats" }],
      ["accuracy", [], [], {}],
      ["pre_mean", [depth], ["layer"], { unit: "value" }],
      ["pre_std", [depth], ["layer"], { unit: "value" }],
      ["pre_hist", [depth, 4], ["layer", "bin"], { bins: { lo: -1, hi: 1 } }],
      ["saturated", [depth], ["layer"], {}],
      ["dw_spectral", [depth + 1], ["weights"], { log: true, unit: "loss", label: "Norm" }],
    ]) {
      fields.push({ name, lane, dtype: "f8", shape, axes, offset, ...more });
      offset += 8 * shape.reduce((a, b) => a * b, 1);
    }
  });
  const lanes = depths.map((layers, i) => ({ name: "ABCD"[i], title: `lane ${i}`, layers }));
  const schema = readSchema({ version: 1, bytes: offset, lanes, fields });
  const frames = steps.map((step, seq) => {
    const frame = new Frame(new ArrayBuffer(HEADER + offset), schema, { seq, step, time: 0, notesBytes: 0 });
    for (const field of schema.fields) frame.view(field).forEach((_, i, view) => (view[i] = write(field.name, field.lane, i, step)));
    return frame;
  });
  return {
    t, schema, recorded: schema, mode: "pre", depth: Math.max(...depths), store: { frames }, shown: frames.at(-1),
    named: depths.length > 1, several: depths.length > 1, difference: false, frame: (frame) => frame,
    view: { player: { shown: frames.at(-1) } }, signed: (value, as) => as(value), measured: () => [],
  };
}

const card = { title: { textContent: "Chart" } };
const norms = (own, lanes = 1) => ({
  scene: own, card, nowPanels: ["now"], overPanels: Array(lanes).fill("over"), output: true, typical: false,
  field: (lane) => own.schema.field("dw_spectral", lane), some: own.schema.field("dw_spectral", 0),
});

test("the description names first and last layer, the largest and the smallest value", () => {
  const own = scene([3], [7], (name, lane, i) => [4, 1, 9, 2][i]);
  const reading = normsReading(norms(own));
  assert.equal(describe(t, reading, reading.parts[0]),
    "Chart, step 7. Norm (loss): Layer 1 4, Output layer 2; highest 9 at Layer 3, lowest 1 at Layer 2.");
});

test("over the steps it says how the ends have changed, and which layer has changed most by its ratio", () => {
  const own = scene([4], [0, 10, 20], (name, lane, i, step) => (i === 2 ? 10 ** (step / 10) : 5 + step / 10));
  const reading = normsReading(norms(own));
  assert.equal(describe(t, reading, reading.parts[1]),
    "Chart, over the steps. Norm (loss), from step 0 to step 20: Layer 1 from 5 to 7; Output layer from 5 to 7; Layer 3 from 1 to 100. Changed most: Layer 3.");
});

test("a course with a single step is told like that step; equal values, and none, have words of their own", () => {
  const flat = normsReading(norms(scene([2], [0], () => 3)));
  assert.equal(describe(t, flat, flat.parts[1]), "Chart, step 0. Norm (loss): 3 everywhere.");
  const none = normsReading(norms(scene([2], [0, 1], () => NaN)));
  assert.equal(describe(t, none, none.parts[0]), "Chart, step 1. Norm (loss): no number.");
  assert.equal(describe(t, none, none.parts[1]), "Chart, over the steps. Norm (loss): no number.");
  assert.equal(describe(t, { ...flat, frames: [] }, flat.parts[0]), null);
});

test("numbers that are not finite are counted, not compared", () => {
  const reading = normsReading(norms(scene([3], [4], (name, lane, i) => [1, Infinity, 3, NaN][i])));
  assert.match(describe(t, reading, reading.parts[0]), /Layer 1 1, Output layer NaN; highest 3 at Layer 3, lowest 1 at Layer 1\. 2 of them are no finite number\.$/);
  assert.deepEqual(extremes([NaN, undefined]), null);
  assert.deepEqual([mostChanged([1, NaN], [1, 5]), mostChanged([-1, 2], [3, 5])], [null, 0]);
});

test("a shorter lane leaves its missing layers empty and keeps its output layer in the output's row", () => {
  const own = scene([3, 1], [0, 5], (name, lane, i) => 10 * (lane + 1) + i);
  const [first, ...more] = tables(t, normsReading(norms(own, 2)));
  assert.deepEqual(first.columns, ["A, Norm (loss)", "B, Norm (loss)"]);
  assert.deepEqual(first.rows, [["Layer 1", "10", "20"], ["Layer 2", "11", ""], ["Layer 3", "12", ""], ["Output layer", "13", "21"]]);
  assert.deepEqual(more.map(({ columns }) => columns), [["Layer 1", "Layer 2", "Layer 3", "Output layer"], ["Layer 1", "Output layer"]]);
  assert.deepEqual(more[1].rows, [["0", "20", "21"], ["5", "20", "21"]]);
  assert.deepEqual(reader(own.schema.field("pre_mean", 1), 1, 3)(own.shown), [20, undefined, undefined]);
});

test("of many steps a table has twelve at most, the last among them", () => {
  const own = scene([1], Array.from({ length: 100 }, (_, i) => i), () => 1);
  const steps = tables(t, normsReading(norms(own)))[1].rows.map(([step]) => step);
  assert.ok(steps.length <= 12 && steps[0] === "0" && steps.at(-1) === "99");
});

test("histograms give mean, deviation and the share in the fullest bin", () => {
  const own = scene([2], [3], (name, lane, i) => (name === "pre_hist" ? [0.1, 0.6, 0.3, 0, 0.25, 0.25, 0.25, 0.25][i] : i + 1));
  const reading = ridgeReading({ scene: own, card, panels: ["one"], field: (name, lane) => own.schema.field(`pre_${name}`, lane) });
  const [{ columns, rows }] = tables(t, reading);
  assert.deepEqual(columns, ["mean (value)", "standard deviation", "share in the fullest bin"]);
  assert.deepEqual(rows, [["Layer 1", "1", "1", "60 %"], ["Layer 2", "2", "2", "25 %"]]);
  assert.match(describe(t, reading, reading.parts[0]), /^Chart: Pre-activation, step 3\. mean \(value\): Layer 1 1, Layer 2 2/);
});

test("differences of lanes are told as such", () => {
  const own = scene([2, 2], [0, 1], (name, lane, i) => (lane + 1) * (i + 1));
  const schema = differences(own.recorded);
  const both = { ...own, schema, difference: true, frame: (frame) => schema.frame(frame), shown: schema.frame(own.shown), signed: (value, as) => (value > 0 ? `+${as(value)}` : as(value)) };
  const [{ columns, rows }] = tables(t, saturationReading({ scene: both, card, panels: ["one"] }));
  assert.deepEqual(columns, ["B − A, saturated"]);
  assert.deepEqual(rows, [["Layer 1", "+100 %"], ["Layer 2", "+200 %"]]);
});

test("loss and accuracy: held-out numbers are the last that were measured by then", () => {
  const own = scene([1], [0, 10, 20], (name, lane, i, step) => (name === "loss" ? 2 - step / 20 : step / 40));
  own.measured = () => [{ step: 0, values: [3, NaN, 0.1, NaN] }, { step: 15, values: [1.5, NaN, 0.4, NaN] }];
  const reading = learningReading({ scene: own, card, panels: ["loss", "accuracy"] });
  assert.equal(describe(t, reading, reading.parts[0]), "Chart, over the steps. loss (nats), from step 0 to step 20: train from 2 to 1; held-out from 3 to 1.5.");
  assert.equal(describe(t, reading, reading.parts[1]), "Chart, over the steps. accuracy (share right), from step 0 to step 20: train from 0 % to 50 %; held-out from 10 % to 40 %.");
  assert.equal(lastMeasured([], 5), null);
});

test("the surface: how much of the plane each class has, and how many points lie where they should", () => {
  const own = scene([1], [2], () => 1);
  const answer = { side: 2, classes: Uint8Array.of(0, 1, 0, 255), margins: [], scale: 1 };
  const plane = { classes: ["in", "out"], lo: [0, 0], hi: [1, 1], clouds: [{ step: 0, x1: [0, 1, 0], x2: [0, 0, 1], y: [0, 1, 1] }] };
  const chart = { scene: own, card, lanes: [0], planes: new Map([[0, plane]]), panels: ["one"], answer: () => answer };
  assert.deepEqual(tables(t, surfaceReading(chart))[0].rows, [["in", "66.7 %", "100 %", "1"], ["out", "33.3 %", "50 %", "2"]]);
  assert.equal(answerAt(answer, plane, 5, -5), 1);
});

test("tables as text: caption, heads and rows, parted by tabs", () => {
  const one = { caption: "c", head: "layer", columns: ["a", "b"], rows: [["1", "2", "3"]] };
  assert.equal(plain([one, one]), "c\nlayer\ta\tb\n1\t2\t3\n\nc\nlayer\ta\tb\n1\t2\t3");
});
