import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CHARTS, columns } from "../../../normviz/charts/live/selection.js";

test("up to three charts stand in one row, more in two", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(columns), [1, 2, 3, 2, 3, 3]);
});

test("the names are in the order in which the viewer makes its charts", () => {
  const viewer = readFileSync(new URL("../../../normviz/charts/live/viewer.js", import.meta.url), "utf8");
  const made = [...viewer.matchAll(/\[([\w, ]+)\]\.map\(\(Chart\)|push\(new (\w+)\(/g)].flatMap(([, list, one]) => list?.split(", ") ?? [one]);
  const called = { Ridgeline: "histograms", Moments: "moments", Gradients: "gradients", Saturation: "saturation", Learning: "learning", Shift: "shift", Surface: "surface", Curve: "curve" };
  assert.deepEqual(made.map((name) => called[name]), CHARTS);
});
