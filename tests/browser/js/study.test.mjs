// node --test tests/browser/js/
import assert from "node:assert/strict";
import { test } from "node:test";
import { extent, points } from "../../../normviz/charts/study/chart.js";
import { farthest, reach } from "../../../normviz/charts/study/plane.js";
import { status } from "../../../normviz/charts/study/study.js";
import { counts, spread } from "../../../normviz/charts/study/table.js";
import { makeWords } from "../../../normviz/charts/study/words.js";

const t = makeWords({});

test("a point without a finite number is left out, on a logarithmic axis one at or below 0 too", () => {
  const found = points([1, 2, 3, 4], [1, null, 0, -2], [0.5, 1, null, 1], false);
  assert.deepEqual(found, [{ x: 1, y: 1, sd: 0.5 }, { x: 3, y: 0, sd: null }, { x: 4, y: -2, sd: 1 }]);
  assert.deepEqual(points([1, 2, 3], [1, 0, -2], null, true), [{ x: 1, y: 1, sd: null }]);
  assert.deepEqual(points([1], undefined, undefined, false), []);
});

test("the axis holds the bars, and on a logarithmic one those that reach above 0", () => {
  assert.deepEqual(extent([[{ y: 1, sd: 2 }], [{ y: 5, sd: null }]], false), [-1, 5]);
  assert.deepEqual(extent([[{ y: 1, sd: 2 }], [{ y: 5, sd: 1 }]], true), [1, 6]);
});

test("numbers come with their spread, and rows without a band are not counted", () => {
  assert.equal(spread({ mean: 1.23456, sd: 0.0123 }), "1.235 ± 0.012");
  assert.equal(spread({ mean: 2, sd: null }), "2");
  assert.equal(spread({ mean: null, sd: null }), "NaN");
  assert.deepEqual(counts([{ inside: true }, { inside: false }, { inside: null }]), [1, 2]);
});

test("the line says how far it is, and how long it takes once all parts have been timed", () => {
  const running = { stage: "running", seconds: 10, total: 6 };
  assert.equal(status({ ...running, done: 0, total: 0 }, null, 2000, t), "It starts: 12 s.");
  assert.equal(status({ ...running, done: 1 }, null, 0, t), "1 of 6 measurements, 10 s.");
  assert.equal(status({ ...running, done: 2 }, null, 1000, t), "2 of 6 measurements, 11 s; about 19 s to go.");
  assert.equal(status({ stage: "waiting", place: 2 }, null, 0, t), "In the queue: 2 before it.");
  assert.equal(status({ stage: "failed", reason: "long", detail: "15 min" }, null, 0, t), "It was ended after 15 min, which is as long as a study may run on this server.");
  assert.equal(status({ stage: "done" }, { rows: [{ inside: true }], seeds: [0, 1, 2] }, 0, t), "1 of 1 inside their bands, 3 seeds.");
});

test("both axes of a plane have one scale, and all points and marks are inside", () => {
  const sets = [[[0.5, -3], [null, 1]], [[2, 0], [0, 2]]];
  const far = farthest(sets);
  const [x, y] = reach(far, { w: 600, h: 300 });
  assert.ok(y > 3 && y < 3.5 && Math.abs(x / 600 - y / 300) < 1e-12);
  assert.ok(Math.abs(reach(far, { w: 200, h: 200 })[0] - y) < 1e-12);
  assert.ok(reach(farthest([[]]), { w: 2, h: 1 }).every((half) => half > 0));
});
