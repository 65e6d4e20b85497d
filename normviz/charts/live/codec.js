// The schema and the binary frames: checked once, then read through typed-array views.
// A frame is 40 bytes of header, the arrays that the schema describes, and notes as JSON.

import { shortTitle } from "./terms.js";

export const MAGIC = 0x465a564e; // "NVZF", little-endian
export const VERSION = 1;
export const HEADER = 40;
const LARGEST = 64 * 1024 * 1024;
const LONGEST_NOTES = 256 * 1024;

const ARRAYS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

// The shapes that the charts rely on; D is the lane's number of hidden layers.
const KNOWN = Object.create(null); // a field may have any name, "__proto__" too
for (const name of ["loss", "accuracy"]) {
  for (const how of ["", "heldout_", "heldout_batch_"]) KNOWN[how + name] = () => [];
}
KNOWN.alive = () => [];
for (const name of ["pre", "act", "grad"]) {
  KNOWN[`${name}_mean`] = KNOWN[`${name}_std`] = (d) => [d];
  KNOWN[`${name}_pct`] = (d) => [d, 5];
  KNOWN[`${name}_hist`] = (d) => [d, -1];
  KNOWN[`${name}_outside`] = (d) => [d, 2];
}
KNOWN.saturated = KNOWN.dead = (d) => [d];
KNOWN.dw_spectral = KNOWN.dw_frobenius = (d) => [d + 1];
for (const name of ["pre_drift_start", "act_drift_start", "unit_drift_start", "pre_drift_recent", "act_drift_recent"]) KNOWN[name] = (d) => [d];
KNOWN.typical_pct = (d) => [d, 5];
KNOWN.unit_hist = (d) => [d, -1, -1];
KNOWN.grad_shift = KNOWN.grad_cosine = (d) => [d + 1];
for (const name of ["loss_range", "gradient_change", "effective_beta", "drift_step", "shift_step", "shift_passes"]) KNOWN[name] = () => [];
KNOWN.surface_class = KNOWN.surface_margin = () => [-1, -1];
KNOWN.hyperplanes = () => [-1, 3];
const MOST_POINTS = 4096;

/** What the server sent does not follow the format. */
export class FormatError extends Error {}

function insist(condition, message) {
  if (!condition) throw new FormatError(message);
}

const whole = (value, most) => Number.isInteger(value) && value >= 0 && value <= most;
const text = (value, fallback = "") => (typeof value === "string" ? value.slice(0, 400) : fallback);

function readLane(lane, index) {
  insist(lane && typeof lane === "object", `lane ${index} is no object`);
  insist(whole(lane.layers, 1000), `lane ${index}: bad number of layers`);
  return {
    name: text(lane.name, String.fromCharCode(65 + index)),
    title: text(lane.title),
    short: shortTitle(text(lane.title)),
    activation: text(lane.activation),
    saturation: text(lane.saturation),
    device: text(lane.device, "CPU"),
    model: text(lane.model, "mlp"),
    layers: lane.layers,
  };
}

function readBins(bins, where) {
  if (bins === null || bins === undefined) return null;
  insist(Number.isFinite(bins.lo) && Number.isFinite(bins.hi) && bins.lo < bins.hi, `${where}: bad bins`);
  return { lo: bins.lo, hi: bins.hi, log10: bins.log10 === true };
}

function readField(raw, index, lanes, bytes) {
  insist(raw && typeof raw === "object" && typeof raw.name === "string", `field ${index} has no name`);
  const where = `field ${raw.name.slice(0, 80)}`;
  insist(whole(raw.lane, lanes.length - 1), `${where}: no such lane`);
  const Type = typeof raw.dtype === "string" && Object.hasOwn(ARRAYS, raw.dtype) ? ARRAYS[raw.dtype] : null;
  insist(Type, `${where}: unknown dtype`);
  insist(Array.isArray(raw.shape) && raw.shape.length <= 3 && raw.shape.every((n) => whole(n, 1e6)), `${where}: bad shape`);
  const size = raw.shape.reduce((a, b) => a * b, 1);
  insist(whole(raw.offset, LARGEST) && raw.offset % 8 === 0, `${where}: bad offset`);
  insist(raw.offset + size * Type.BYTES_PER_ELEMENT <= bytes, `${where}: lies outside the frame`);
  const shape = KNOWN[raw.name]?.(lanes[raw.lane].layers);
  const fits = !shape || (shape.length === raw.shape.length && shape.every((n, i) => n < 0 || n === raw.shape[i]));
  insist(fits, `${where}: unexpected shape`);
  insist(!raw.name.endsWith("_hist") || !shape || raw.shape[1] > 1, `${where}: too few bins`);
  return {
    index, name: raw.name, lane: raw.lane, Type, shape: raw.shape, size, offset: raw.offset,
    scale: Number.isFinite(raw.scale) ? raw.scale : 1,
    unit: text(raw.unit), label: text(raw.label, raw.name), description: text(raw.description),
    axes: Array.isArray(raw.axes) ? raw.axes.map((axis) => text(axis)) : [],
    bins: readBins(raw.bins, where),
    log: raw.log === true,
  };
}

const numbers = (list, count) => Array.isArray(list) && list.length === count && list.every(Number.isFinite);

/** The plane under a decision surface: corners, names, and the training points from each step on. */
function readPlane(raw, lanes) {
  insist(raw && whole(raw.lane, lanes - 1), "a plane of no lane");
  const { lane, lo, hi, inputs, classes, clouds } = raw;
  insist(numbers(lo, 2) && numbers(hi, 2) && lo[0] < hi[0] && lo[1] < hi[1], "a plane without corners");
  insist(Array.isArray(inputs) && inputs.length === 2, "a plane without two inputs");
  insist(Array.isArray(classes) && classes.length >= 2 && classes.length <= 255, "a plane without classes");
  insist(Array.isArray(clouds) && clouds.length >= 1 && clouds.length <= 64, "a plane without points");
  const read = (cloud) => {
    insist(cloud && typeof cloud === "object", "a plane with bad points");
    const { step, x1, x2, y } = cloud;
    insist(whole(step, 1e6) && Array.isArray(y) && y.length <= MOST_POINTS, "a plane with bad points");
    insist(numbers(x1, y.length) && numbers(x2, y.length) && y.every((label) => whole(label, classes.length - 1)), "a plane with bad points");
    return { step, x1, x2, y };
  };
  return { lane, lo, hi, inputs: inputs.map((name) => text(name)), classes: classes.map((name) => text(name)), clouds: clouds.map(read) };
}

/** Checks a schema and returns it with fields to be looked up by name and lane. Throws FormatError. */
export function readSchema(raw) {
  insist(raw && typeof raw === "object", "the schema is no object");
  const version = typeof raw.version === "number" ? raw.version : "unknown";
  insist(version === VERSION, `schema version ${version}, expected ${VERSION}`);
  insist(whole(raw.bytes, LARGEST), "schema: bad number of bytes");
  insist(Array.isArray(raw.lanes) && raw.lanes.length >= 1 && raw.lanes.length <= 8, "schema: bad lanes");
  insist(Array.isArray(raw.fields) && raw.fields.length <= 4096, "schema: bad fields");
  const lanes = raw.lanes.map(readLane);
  const fields = raw.fields.map((field, index) => readField(field, index, lanes, raw.bytes));
  const byName = new Map(fields.map((field) => [`${field.lane}/${field.name}`, field]));
  const flags = (Array.isArray(raw.flags) ? raw.flags.slice(0, 200) : [])
    .filter((flag) => whole(flag?.step, 1e6) && whole(flag?.lane, lanes.length - 1))
    .map(({ step, lane, text: words }) => ({ step, lane, text: text(words) }));
  const planes = (Array.isArray(raw.planes) ? raw.planes.slice(0, 8) : []).map((plane) => readPlane(plane, lanes.length));
  return { bytes: raw.bytes, lanes, flags, planes, fields, field: (name, lane) => byName.get(`${lane}/${name}`) ?? null };
}

/** One frame: numbers are read through views of the received buffer. */
export class Frame {
  constructor(buffer, schema, header) {
    this.buffer = buffer;
    this.schema = schema;
    this.seq = header.seq;
    this.step = header.step;
    this.time = header.time;
    this.notesBytes = header.notesBytes;
    this.views = [];
  }

  /** The raw numbers of a field (multiply by field.scale), or null without such a field. */
  view(field) {
    if (!field) return null;
    return (this.views[field.index] ??= new field.Type(this.buffer, HEADER + field.offset, field.size));
  }

  /** One scaled number of a field; NaN without such a field. */
  value(field, index = 0) {
    const view = this.view(field);
    return view && index < view.length ? view[index] * field.scale : NaN;
  }

  /** The notes: [{lane, rule, values}]; unreadable ones count as none. */
  get notes() {
    this.parsedNotes ??= readNotes(new Uint8Array(this.buffer, HEADER + this.schema.bytes, this.notesBytes));
    return this.parsedNotes;
  }
}

function readNotes(bytes) {
  try {
    const notes = JSON.parse(new TextDecoder().decode(bytes) || "[]");
    if (!Array.isArray(notes)) return [];
    return notes.filter((note) => note && typeof note === "object" && typeof note.rule === "string").slice(0, 128);
  } catch {
    return [];
  }
}

/** Checks a received buffer against the schema and returns a Frame. Throws FormatError. */
export function decodeFrame(buffer, schema) {
  insist(buffer instanceof ArrayBuffer && buffer.byteLength >= HEADER, "a frame is shorter than its header");
  const data = new DataView(buffer);
  insist(data.getUint32(0, true) === MAGIC, "a frame does not begin with NVZF");
  const version = data.getUint16(4, true);
  insist(version === VERSION, `frame version ${version}, expected ${VERSION}`);
  insist(data.getUint16(6, true) === HEADER, "a frame's header has another length");
  const arrays = data.getUint32(24, true);
  const notesBytes = data.getUint32(28, true);
  insist(arrays === schema.bytes, `a frame holds ${arrays} bytes of arrays, the schema says ${schema.bytes}`);
  insist(notesBytes <= LONGEST_NOTES, "a frame's notes are too long");
  insist(buffer.byteLength === HEADER + arrays + notesBytes, "a frame is cut short or too long");
  const header = { seq: data.getUint32(8, true), step: data.getUint32(12, true), time: data.getFloat64(16, true), notesBytes };
  insist(Number.isFinite(header.time), "a frame has no time");
  return new Frame(buffer, schema, header);
}
