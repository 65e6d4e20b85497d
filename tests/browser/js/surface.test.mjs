// node --test tests/browser/js/
import assert from "node:assert/strict";
import { test } from "node:test";
import { FormatError, readSchema } from "../../../normviz/charts/live/codec.js";
import { border, chord } from "../../../normviz/charts/live/planegeometry.js";

/** All pieces of the border of a grid whose answer is given by a function of column and row. */
function pieces(side, answer) {
  const classes = [];
  const margins = [];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [label, margin] = answer(column, row);
      classes.push(label);
      margins.push(margin);
    }
  }
  const found = [];
  border({ side, classes, margins }, (a, b) => found.push([a, b]));
  return found;
}

test("the border of two classes runs where the margin is 0, between the points of the grid", () => {
  const slanted = (column, row) => column + 0.5 * row - 4.2;
  const found = pieces(8, (column, row) => [slanted(column, row) > 0 ? 1 : 0, Math.abs(slanted(column, row))]);
  assert.ok(found.length >= 7);
  for (const [column, row] of found.flat()) assert.ok(Math.abs(slanted(column, row)) < 1e-6);
  const rows = found.flat().map(([, row]) => row);
  assert.deepEqual([Math.min(...rows), Math.max(...rows)], [0, 7]);
});

test("one class has no border, and where three meet each has its own", () => {
  assert.deepEqual(pieces(5, () => [2, 0.5]), []);
  const found = pieces(3, (column, row) => [row < 1 ? 0 : column < 1 ? 1 : 2, 0.5]);
  assert.ok(found.length >= 3);
  for (const [column, row] of found.flat()) assert.ok(column >= 0 && column <= 2 && row >= 0 && row <= 2);
});

test("a line is cut where it leaves the rectangle, and left out where it passes by", () => {
  const lo = [-1, 0];
  const hi = [3, 2];
  assert.deepEqual(chord(1, 0, -2, lo, hi), [[2, 0], [2, 2]]);
  assert.deepEqual(chord(0, -2, 1, lo, hi), [[-1, 0.5], [3, 0.5]]);
  for (const [v1, v2, c] of [[1, 1, -1], [0.1, -3, 2], [-5, 0.2, 1]]) {
    for (const [x1, x2] of chord(v1, v2, c, lo, hi)) assert.ok(Math.abs(v1 * x1 + v2 * x2 + c) < 1e-12);
  }
  for (const [v1, v2, c] of [[0, 0, 1], [1, 0, 9], [0, 1, -5], [NaN, 1, 0], [1, Infinity, 0]]) assert.equal(chord(v1, v2, c, lo, hi), null);
});

const plane = () => ({ lane: 0, lo: [-1, -1], hi: [1, 1], inputs: ["x1", "x2"], classes: ["no", "yes"], clouds: [{ step: 0, x1: [0.5], x2: [0], y: [1] }] });
const schema = (planes) => ({ version: 1, bytes: 0, lanes: [{ layers: 2 }], fields: [], planes });

test("planes are read, and damaged ones refused", () => {
  assert.deepEqual(readSchema(schema([plane()])).planes, [plane()]);
  assert.deepEqual(readSchema(schema(undefined)).planes, []);
  const bad = [
    { lane: 1 }, { lo: [0] }, { lo: [0, NaN] }, { hi: [-1, 1] }, { inputs: ["x"] }, { classes: ["one"] }, { clouds: [] },
    { clouds: [{ step: 0, x1: [0], x2: [0], y: [2] }] }, { clouds: [{ step: 0, x1: [], x2: [0], y: [0] }] }, { clouds: [{ step: -1, x1: [], x2: [], y: [] }] },
  ];
  for (const change of bad) assert.throws(() => readSchema(schema([{ ...plane(), ...change }])), FormatError, JSON.stringify(change));
  assert.throws(() => readSchema(schema([null])), FormatError);
});
