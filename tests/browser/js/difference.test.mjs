import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADER, Frame, readSchema } from "../../../normviz/charts/live/codec.js";
import { alone, differences, measuredOf, rebinned } from "../../../normviz/charts/live/difference.js";
import { largest } from "../../../normviz/charts/live/ridgedifference.js";

/** A schema of lanes with so many layers each, and a frame with the values that `write(name, lane, i)` gives. */
function setUp(depths, write, { bins = depths.map(() => ({ lo: -1, hi: 1 })), count = 4 } = {}) {
  let offset = 0;
  const fields = [];
  depths.forEach((depth, lane) => {
    for (const [name, shape, axes, more] of [
      ["loss", [], [], {}],
      ["alive", [], [], {}],
      ["pre_mean", [depth], ["layer"], { unit: "value" }],
      ["pre_hist", [depth, count], ["layer", "bin"], { bins: bins[lane], scale: 0.5 }],
      ["pre_outside", [depth, 2], ["layer", "side"], {}],
      ["dw_spectral", [depth + 1], ["weights"], { log: true, unit: "loss" }],
    ]) {
      fields.push({ name, lane, dtype: "f8", shape, axes, offset, ...more });
      offset += 8 * shape.reduce((a, b) => a * b, 1);
    }
  });
  const lanes = depths.map((layers, i) => ({ name: "ABCD"[i], title: `Normalization: ${i}`, layers }));
  const flags = lanes.map((_, lane) => ({ step: 10 * (lane + 1), lane, text: `flag ${lane}` }));
  const schema = readSchema({ version: 1, bytes: offset, lanes, fields, flags });
  const frame = new Frame(new ArrayBuffer(HEADER + offset), schema, { seq: 3, step: 7, time: 0, notesBytes: 0 });
  for (const field of schema.fields) frame.view(field).forEach((_, i, view) => (view[i] = write(field.name, field.lane, i)));
  return { schema, frame };
}

const numbers = (name, lane, i) => (name === "dw_spectral" ? 10 ** (lane * (i + 1)) : (lane + 1) * 100 + i);
const read = (shown, frame, field) => Array.from(shown.frame(frame).view(field));

test("every quantity becomes B - A, in the layers that both lanes have", () => {
  const { schema, frame } = setUp([3, 2], (name, lane, i) => (lane + 1) * (10 * i + 1));
  const shown = differences(schema);
  assert.deepEqual(shown.lanes.map(({ name, layers, title, origin }) => [name, layers, title, origin]), [["B − A", 2, "1 − 0", 1]]);
  assert.deepEqual(read(shown, frame, shown.field("pre_mean", 0)), [1, 11]);
  assert.deepEqual(read(shown, frame, shown.field("loss", 0)), [1]);
  assert.equal(shown.frame(frame).value(shown.field("pre_mean", 0), 1), 11);
  assert.ok(Number.isNaN(shown.frame(frame).value(shown.field("pre_mean", 0), 2)));
  assert.equal(shown.field("alive", 0), null);
  assert.deepEqual([shown.frame(frame).step, shown.frame(frame).seq], [7, 3]);
});

test("gradient norms become B / A; the output layer stays the output layer where depths differ", () => {
  const { schema, frame } = setUp([3, 2], numbers);
  const shown = differences(schema);
  assert.deepEqual(read(shown, frame, shown.ratio("dw_spectral", 0)), [10, 100, 1000]);
  assert.deepEqual(read(shown, frame, shown.field("dw_spectral", 0)), [9, 99, 999]);
  assert.equal(shown.ratio("dw_spectral", 0).unit, "");
  assert.equal(shown.ratio("pre_mean", 0), null);
});

test("a ratio to 0 is no number, and so is what comes of one", () => {
  const { schema, frame } = setUp([2, 2], (name, lane, i) => (lane === 0 && i === 0 ? 0 : i === 1 ? NaN : 5));
  const shown = differences(schema);
  assert.deepEqual(read(shown, frame, shown.ratio("dw_spectral", 0)), [NaN, NaN, 1]);
});

test("histograms: shares of B minus shares of A, scaled, bin by bin", () => {
  const shares = { 0: [2, 0, 0, 0, 0, 2, 0, 0], 1: [0, 1, 1, 0, 0, 2, 0, 0] };
  const { schema, frame } = setUp([2, 2], (name, lane, i) => (name === "pre_hist" ? shares[lane][i] : 0));
  const shown = differences(schema);
  const field = shown.field("pre_hist", 0);
  assert.deepEqual(read(shown, frame, field), [-1, 0.5, 0.5, 0, 0, 0, 0, 0]);
  assert.deepEqual([field.scale, field.shape, field.bins], [1, [2, 4], { lo: -1, hi: 1, log10: false }]);
});

test("histograms with other bins are brought to common ones first; nothing gets lost", () => {
  const bins = [{ lo: 0, hi: 1 }, { lo: -1, hi: 1 }];
  const { schema, frame } = setUp([1, 1], (name, lane, i) => (name === "pre_hist" ? [[0, 0, 0, 2], [2, 0, 0, 0]][lane][i] : 0), { bins });
  const shown = differences(schema);
  const field = shown.field("pre_hist", 0);
  assert.deepEqual([field.bins.lo, field.bins.hi, field.shape], [-1, 1, [1, 8]]);
  assert.deepEqual(read(shown, frame, field), [0.5, 0.5, 0, 0, 0, 0, 0, -1]);
});

test("rebinned shares keep their sum and spread evenly over their own bin", () => {
  const shares = Array.from({ length: 40 }, (_, i) => (i % 7) / 120);
  const out = rebinned(shares, { lo: -0.3, hi: 2 }, -6, 6, 60);
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum(out) - sum(shares)) < 1e-12);
  assert.deepEqual([...rebinned([1], { lo: 0, hi: 3 }, 0, 4, 4)].map((v) => v.toFixed(6)), ["0.333333", "0.333333", "0.333333", "0.000000"]);
  assert.deepEqual([...rebinned([0.25, 0.75], { lo: 0, hi: 1 }, 0, 1, 2)], [0.25, 0.75]);
});

test("logarithmic and linear bins have no difference", () => {
  const { schema } = setUp([1, 1], numbers, { bins: [{ lo: 0, hi: 1 }, { lo: 0, hi: 1, log10: true }] });
  assert.equal(differences(schema).field("pre_hist", 0), null);
});

test("of three lanes each is compared with A; one can be drawn alone", () => {
  const { schema, frame } = setUp([2, 2, 2], (name, lane, i) => (lane + 1) ** 2 + i);
  const shown = differences(schema);
  assert.deepEqual(shown.lanes.map(({ name, quotient }) => [name, quotient]), [["B − A", "B / A"], ["C − A", "C / A"]]);
  assert.deepEqual(read(shown, frame, shown.field("pre_mean", 1)), [8, 8]);
  assert.deepEqual(shown.flags.map(({ lane }) => lane), [null, 0, 1]);
  const one = differences(schema, 2);
  assert.deepEqual(one.lanes.map(({ name }) => name), ["C − A"]);
  assert.deepEqual(read(one, frame, one.field("pre_mean", 0)), [8, 8]);
  assert.deepEqual(one.flags.map(({ lane }) => lane), [null, 0]);
});

test("a lane alone is read from the recorded frames", () => {
  const { schema, frame } = setUp([2, 3], numbers);
  const shown = alone(schema, 1);
  assert.deepEqual(shown.lanes.map(({ name, layers, origin }) => [name, layers, origin]), [["B", 3, 1]]);
  assert.deepEqual(Array.from(frame.view(shown.field("pre_mean", 0))), [200, 201, 202]);
  assert.equal(shown.field("pre_mean", 1), null);
  assert.deepEqual(shown.flags, [{ step: 20, lane: 0, text: "flag 1" }]);
});

test("what was measured now and then: a lane without running averages stands for both ways of measuring", () => {
  const { schema } = setUp([2, 2, 2], numbers);
  const values = [2, NaN, 0.5, NaN, 1, 1.5, 0.75, 0.625, NaN, NaN, NaN, NaN];
  assert.deepEqual(measuredOf(values, 4, differences(schema)), [-1, -0.5, 0.25, 0.125, NaN, NaN, NaN, NaN]);
  assert.deepEqual(measuredOf(values, 4, alone(schema, 1)), [1, 1.5, 0.75, 0.625]);
  assert.deepEqual(measuredOf(values, 4, schema), values);
});

test("a row's scale is its largest difference of either sign, in the bins or outside", () => {
  assert.equal(largest([9, -0.2, 0.1, 9], 1, 2, [0, 0]), 0.2);
  assert.equal(largest([0.1, 0], 0, 2, [NaN, -0.4]), 0.4);
});
