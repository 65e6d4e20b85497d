import assert from "node:assert/strict";
import { test } from "node:test";
import { axis, named, nearest, stroke, ticks } from "../../../normviz/charts/sketch/scale.js";

test("a value and its share of the axis belong together", () => {
  for (const [low, high, log] of [[0, 2, false], [1e-8, 10, true], [-3, 5, false]]) {
    const y = axis(low, high, log);
    assert.ok(Math.abs(y.share(low)) < 1e-12 && Math.abs(y.share(high) - 1) < 1e-12);
    for (const share of [0, 0.25, 0.7, 1]) assert.ok(Math.abs(y.share(y.value(share)) - share) < 1e-9);
    assert.ok(Math.abs(y.value(1.5) / high - 1) < 1e-12, "beyond the end is the end");
  }
});

test("an axis names round numbers", () => {
  assert.deepEqual(ticks(0, 1, false).map((n) => Number(n.toFixed(6))), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(1e-3, 1, true).map((n) => Number(n.toPrecision(3))), [0.001, 0.01, 0.1, 1]);
  assert.ok(ticks(1e-12, 1e3, true).length <= 8);
  assert.equal(named(1e-6, true), "10⁻⁶");
  assert.equal(named(0.1, true), "0.1");
  assert.equal(named(12, false), "12");
});

test("a stroke fills the places that the pointer has jumped over", () => {
  const shares = [null, null, null, null, null];
  stroke(shares, 1, 0.2, 4, 0.8);
  assert.deepEqual(shares.map((share) => share && Number(share.toFixed(6))), [null, 0.2, 0.4, 0.6, 0.8]);
  stroke(shares, 4, 0.8, 3, 0);
  assert.equal(shares[3], 0);
  stroke(shares, 0, 1, 0, 0.5);
  assert.equal(shares[0], 0.5);
});

test("the nearest place", () => {
  assert.equal(nearest([10, 20, 30], 24), 1);
  assert.equal(nearest([10], -5), 0);
});
