import assert from "node:assert/strict";
import { test } from "node:test";
import { CURVES, reach } from "../../../normviz/charts/live/curve.js";

test("the curves are the activations", () => {
  assert.equal(CURVES.sigmoid.of(0), 0.5);
  assert.ok(Math.abs(CURVES.softsign.of(1) - 0.5) < 1e-12 && CURVES.ReLU.of(-3) === 0 && CURVES.linear.of(-3) === -3);
  assert.ok(Math.abs(CURVES.ELU.of(-1) - (Math.exp(-1) - 1)) < 1e-12 && Math.abs(CURVES.SiLU.of(2) - 2 * CURVES.sigmoid.of(2)) < 1e-12);
  assert.equal(CURVES["hard tanh"].of(-7), -1);
  assert.ok(Math.abs(CURVES["leaky ReLU"].of(-1) + 0.01) < 1e-12);
});

test("within the nearly linear range the sigmoid is off its tangent by little", () => {
  const { of, line: [low, high] } = CURVES.sigmoid;
  const from = Math.log(low / (1 - low));
  for (let z = from; z <= -from; z += 0.1) assert.ok(Math.abs(of(z) - (0.5 + z / 4)) < 0.05, `at ${z}`);
  assert.ok(Math.abs(of(-from) - high) < 1e-12);
});

test("the axis holds all values, and never runs away", () => {
  assert.equal(reach([]), 4);
  assert.equal(reach([[-9, 0, 2], [NaN, Infinity]]), 9);
  assert.equal(reach([[1e9]]), 60);
});
