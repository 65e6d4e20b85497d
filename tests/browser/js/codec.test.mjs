// node --test tests/browser/js/
import assert from "node:assert/strict";
import { test } from "node:test";
import { FormatError, HEADER, MAGIC, decodeFrame, readSchema } from "../../../normviz/charts/live/codec.js";
import { devices } from "../../../normviz/charts/live/transport.js";

const rawSchema = () => ({
  version: 1,
  bytes: 40,
  lanes: [{ name: "A", title: "plain", activation: "tanh", layers: 3, saturation: "|tanh| > 0.97" }],
  fields: [
    { name: "loss", lane: 0, dtype: "f4", shape: [], offset: 0, unit: "nats", label: "Loss", axes: [], bins: null, log: false },
    { name: "pre_mean", lane: 0, dtype: "f4", shape: [3], offset: 8, axes: ["layer"] },
    { name: "pre_hist", lane: 0, dtype: "u2", shape: [3, 2], offset: 24, scale: 0.5, axes: ["layer", "bin"], bins: { lo: -6, hi: 6 } },
  ],
});

function rawFrame({ magic = MAGIC, version = 1, header = HEADER, bytes = 40, notes = "[]", extra = 0 } = {}) {
  const text = new TextEncoder().encode(notes);
  const buffer = new ArrayBuffer(HEADER + 40 + text.length + extra);
  const data = new DataView(buffer);
  data.setUint32(0, magic, true);
  data.setUint16(4, version, true);
  data.setUint16(6, header, true);
  data.setUint32(8, 7, true);
  data.setUint32(12, 70, true);
  data.setFloat64(16, 1.5e9, true);
  data.setUint32(24, bytes, true);
  data.setUint32(28, text.length, true);
  data.setFloat32(HEADER, 2.25, true);
  [0.5, -1, 3].forEach((value, i) => data.setFloat32(HEADER + 8 + 4 * i, value, true));
  [1, 2, 3, 4, 5, 6].forEach((value, i) => data.setUint16(HEADER + 24 + 2 * i, value, true));
  new Uint8Array(buffer).set(text, HEADER + 40);
  return buffer;
}

test("a frame is read by field name and lane, scaled", () => {
  const schema = readSchema(rawSchema());
  const frame = decodeFrame(rawFrame(), schema);
  assert.deepEqual([frame.seq, frame.step, frame.time], [7, 70, 1.5e9]);
  assert.equal(frame.value(schema.field("loss", 0)), 2.25);
  assert.deepEqual([...frame.view(schema.field("pre_mean", 0))], [0.5, -1, 3]);
  assert.equal(frame.value(schema.field("pre_hist", 0), 5), 3);
  assert.ok(Number.isNaN(frame.value(schema.field("nothing", 0))));
  assert.equal(frame.view(schema.field("loss", 1)), null);
});

test("what the lanes train on is read, each device once", () => {
  const raw = rawSchema();
  raw.lanes = ["CPU", "NVIDIA H200", "CPU", undefined].map((device) => ({ ...raw.lanes[0], device }));
  assert.deepEqual(devices(readSchema(raw)), ["CPU", "NVIDIA H200"]);
});

test("views are made once a frame", () => {
  const schema = readSchema(rawSchema());
  const frame = decodeFrame(rawFrame(), schema);
  assert.equal(frame.view(schema.field("pre_mean", 0)), frame.view(schema.field("pre_mean", 0)));
});

test("unknown fields are taken along, unknown notes too; broken notes count as none", () => {
  const raw = rawSchema();
  raw.fields.push({ name: "brand_new", lane: 0, dtype: "f4", shape: [], offset: 0 });
  const schema = readSchema(raw);
  assert.equal(decodeFrame(rawFrame(), schema).value(schema.field("brand_new", 0)), 2.25);
  const notes = '[{"lane":0,"rule":"vanishing","values":{"first":1}}, 5, {"rule":7}]';
  assert.equal(decodeFrame(rawFrame({ notes }), schema).notes.length, 1);
  assert.deepEqual(decodeFrame(rawFrame({ notes: "{" }), schema).notes, []);
});

for (const [what, wrong] of [
  ["magic", { magic: 1 }], ["version", { version: 2 }], ["header length", { header: 48 }],
  ["bytes of arrays", { bytes: 32 }], ["length", { extra: 8 }],
]) {
  test(`a frame with a wrong ${what} is refused`, () => {
    assert.throws(() => decodeFrame(rawFrame(wrong), readSchema(rawSchema())), FormatError);
  });
}

test("short and foreign buffers are refused", () => {
  const schema = readSchema(rawSchema());
  for (const buffer of [new ArrayBuffer(0), new ArrayBuffer(39), "text", null, new Uint8Array(200)]) {
    assert.throws(() => decodeFrame(buffer, schema), FormatError);
  }
});

test("random bytes never throw anything but FormatError", () => {
  const schema = readSchema(rawSchema());
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647);
  for (let round = 0; round < 500; round++) {
    const buffer = rawFrame();
    const bytes = new Uint8Array(buffer);
    for (let k = 0; k < 3; k++) bytes[random() % (round % 2 ? HEADER : bytes.length)] = random() % 256;
    try {
      decodeFrame(buffer, schema).notes.length;
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
    }
  }
});

const broken = {
  "no object": () => null,
  "another version": (s) => ({ ...s, version: 2 }),
  "no lanes": (s) => ({ ...s, lanes: [] }),
  "a lane without layers": (s) => ({ ...s, lanes: [{ name: "A" }] }),
  "bytes beyond all bounds": (s) => ({ ...s, bytes: 1e12 }),
  "a field outside the frame": (s) => ({ ...s, bytes: 24 }),
  "an unaligned field": (s) => ((s.fields[1].offset = 4), s),
  "an unknown dtype": (s) => ((s.fields[0].dtype = "constructor"), s),
  "a lane that does not exist": (s) => ((s.fields[0].lane = 3), s),
  "a negative shape": (s) => ((s.fields[1].shape = [-3]), s),
  "a known field of another shape": (s) => ((s.fields[1].shape = [2]), s),
  "empty bins": (s) => ((s.fields[2].bins = { lo: 1, hi: 1 }), s),
};
for (const [what, breakIt] of Object.entries(broken)) {
  test(`a schema with ${what} is refused`, () => assert.throws(() => readSchema(breakIt(rawSchema())), FormatError));
}
