// Any schema and any bytes: read, or refused with a FormatError, never another one. The same inputs every time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FormatError, HEADER, MAGIC, decodeFrame, readSchema } from "../../../normviz/charts/live/codec.js";

const RUNS = Number(process.env.NORMVIZ_FUZZ ?? 3000);

/** mulberry32: the same numbers from the same seed. */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const schema = () => ({
  version: 1,
  bytes: 48,
  lanes: [{ name: "A", title: "plain", activation: "tanh", layers: 3, saturation: "|tanh| > 0.97" }],
  flags: [{ step: 5, lane: 0, text: "here" }],
  planes: [{
    lane: 0, lo: [-1, -1], hi: [1, 1], inputs: ["x1", "x2"], classes: ["a", "b"],
    clouds: [{ step: 0, x1: [0.5], x2: [0.25], y: [1] }],
  }],
  fields: [
    { name: "loss", lane: 0, dtype: "f4", shape: [], offset: 0, unit: "nats", label: "Loss", axes: [], bins: null, log: false },
    { name: "pre_mean", lane: 0, dtype: "f4", shape: [3], offset: 8, axes: ["layer"] },
    { name: "pre_hist", lane: 0, dtype: "u2", shape: [3, 2], offset: 24, scale: 0.5, axes: ["layer", "bin"], bins: { lo: -6, hi: 6 } },
    { name: "surface_class", lane: 0, dtype: "u1", shape: [2, 2], offset: 40, axes: ["row", "column"] },
  ],
});

const WORDS = ["__proto__", "constructor", "toString", "__defineGetter__", "hasOwnProperty", "pre_hist", "f8", "u2", "layer", "", "\ud800"];
const VALUES = () => [null, true, false, 0, -0, 1, -1, 0.5, 3, 8, 255, 2 ** 31, 2 ** 53, NaN, Infinity, {}, [], [[]], [null], { lo: 0 }, undefined];

/** Changes something of a JSON value, anywhere in it. */
function spoil(value, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  if (value && typeof value === "object" && random() < 0.9) {
    const keys = Object.keys(value);
    const key = !Array.isArray(value) && random() < 0.1 ? pick(WORDS) : pick(keys);
    if (key === undefined) return pick(VALUES());
    if (random() < 0.1) Array.isArray(value) ? value.splice(key, 1) : delete value[key];
    else if (Array.isArray(value) && random() < 0.1) value.push(structuredClone(value[0]));
    else Object.defineProperty(value, key, { value: spoil(value[key], random), enumerable: true, configurable: true, writable: true });
    return value;
  }
  return random() < 0.3 ? pick(WORDS) : pick(VALUES());
}

function frame(random, notes) {
  const text = new TextEncoder().encode(notes);
  const buffer = new ArrayBuffer(HEADER + 48 + text.length);
  const [data, bytes] = [new DataView(buffer), new Uint8Array(buffer)];
  for (let i = HEADER; i < HEADER + 48; i++) bytes[i] = random() * 256;
  data.setUint32(0, MAGIC, true);
  data.setUint16(4, 1, true);
  data.setUint16(6, HEADER, true);
  data.setUint32(8, random() * 2 ** 32, true);
  data.setUint32(12, random() * 2 ** 32, true);
  data.setFloat64(16, random() * 2e9, true);
  data.setUint32(24, 48, true);
  data.setUint32(28, text.length, true);
  bytes.set(text, HEADER + 48);
  return buffer;
}

/** Looks at everything in a frame, as the charts do. */
function lookAt(read) {
  for (const field of read.schema.fields) {
    assert.ok(read.view(field).length === field.size);
    if (field.size) assert.equal(typeof read.value(field), "number");
  }
  assert.ok(Array.isArray(read.notes) && read.notes.every((note) => typeof note.rule === "string"));
}

/** True where it was read, false where it was refused as it should be. */
function reads(work) {
  try {
    work();
    return true;
  } catch (error) {
    assert.ok(error instanceof FormatError, error.stack);
    return false;
  }
}

test(`${RUNS} spoiled schemas are read or refused`, () => {
  const random = generator(1);
  let good = 0;
  for (let run = 0; run < RUNS; run++) {
    let raw = schema();
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--) raw = spoil(raw, random);
    good += reads(() => {
      const read = readSchema(raw);
      if (read.bytes === 48) lookAt(decodeFrame(frame(random, "[]"), read));
    });
  }
  assert.ok(good > RUNS / 50 && good < RUNS, `${good} of ${RUNS} were read`);
});

test(`${RUNS} spoiled frames are read or refused`, () => {
  const [random, read] = [generator(2), readSchema(schema())];
  const NOTES = ["[]", "", "{", "null", "[null,3,[]]", '[{"rule":1}]', '[{"rule":"x","lane":0,"values":{}}]', "[".repeat(9000)];
  let good = 0;
  for (let run = 0; run < RUNS; run++) {
    let buffer = frame(random, NOTES[Math.floor(random() * NOTES.length)]);
    const bytes = new Uint8Array(buffer);
    for (let n = Math.floor(random() * 3); n > 0; n--) bytes[Math.floor(random() * (random() < 0.7 ? HEADER : bytes.length))] = random() * 256;
    if (random() < 0.2) buffer = buffer.slice(0, random() * buffer.byteLength);
    good += reads(() => lookAt(decodeFrame(buffer, read)));
  }
  assert.ok(good > RUNS / 10 && good < RUNS, `${good} of ${RUNS} were read`);
});

test("what is no buffer is refused", () => {
  for (const value of [null, undefined, 3, "NVZF", [], {}, new Uint8Array(99)]) {
    assert.equal(reads(() => decodeFrame(value, readSchema(schema()))), false);
  }
});

test("names that every object has are names, a version may be an object, points may be nothing", () => {
  for (const name of ["__proto__", "__defineGetter__", "constructor"]) {
    const raw = schema();
    raw.fields[0].name = name;
    assert.equal(readSchema(raw).field(name, 0).size, 1);
  }
  for (const [place, key, value] of [["planes", 0, { ...schema().planes[0], clouds: [null] }], ["version", null, { toString: 1 }]]) {
    const raw = schema();
    if (key === null) raw[place] = value;
    else raw[place][key] = value;
    assert.throws(() => readSchema(raw), FormatError);
  }
});
