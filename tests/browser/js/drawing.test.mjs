// node --test tests/browser/js/
import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "../../../normviz/charts/live/drawing.js";

test("drawn points become a CSV table; names are quoted", () => {
  const plane = { inputs: ["x1", 'a "b", c'], classes: ["no", "ja, doch"] };
  const text = csv(plane, { x1: [0.5, -1e-9], x2: [1 / 3, 12345.678], y: [1, 0] });
  assert.equal(text, '"x1","a ""b"", c","class"\n0.500000,0.333333,"ja, doch"\n-1.00000e-9,12345.7,"no"\n');
  assert.match(csv({ inputs: ["class", "x"], classes: ["0", "1"] }, { x1: [], x2: [], y: [] }), /,"class of the point"\n$/);
});
