// The lanes as the charts draw them: all as recorded, one alone, or every other one's difference to lane A.
// Each is a schema of its own; charts look fields up in it and read them from frames as ever.

/** The schema of one lane alone; its fields are the recorded ones, so frames are read as they are. */
export function alone(schema, lane) {
  return {
    ...schema,
    lanes: [{ ...schema.lanes[lane], origin: lane }],
    flags: schema.flags.filter((flag) => flag.lane === lane).map((flag) => ({ ...flag, lane: 0 })),
    field: (name, at) => (at === 0 ? schema.field(name, lane) : null),
  };
}

/** Shares in `count` other bins from `lo` to `hi`: what was in a bin spreads evenly over it. */
export function rebinned(shares, bins, lo, hi, count) {
  const out = new Float64Array(count);
  const width = (bins.hi - bins.lo) / shares.length;
  const wide = (hi - lo) / count;
  for (let i = 0; i < shares.length; i++) {
    const from = (bins.lo + i * width - lo) / wide;
    const to = from + width / wide;
    const first = Math.max(0, Math.floor(from + 1e-9));
    const last = Math.min(count - 1, Math.ceil(to - 1e-9) - 1);
    for (let j = first; j <= last; j++) out[j] += (shares[i] * (Math.min(to, j + 1) - Math.max(from, j))) / (to - from);
  }
  return out;
}

/** Bins that hold both and are as fine as the finer ones; null where one is logarithmic and the other is not. */
function commonBins(a, b) {
  if (!a.bins && !b.bins) return { bins: null, count: a.shape[1] };
  if (!a.bins || !b.bins || a.bins.log10 !== b.bins.log10) return null;
  const lo = Math.min(a.bins.lo, b.bins.lo);
  const hi = Math.max(a.bins.hi, b.bins.hi);
  const finest = Math.min(...[a, b].map(({ bins, shape }) => (bins.hi - bins.lo) / shape[1]));
  return { bins: { lo, hi, log10: a.bins.log10 }, count: Math.min(1000, Math.round((hi - lo) / finest)) };
}

/** Rows of a field that both lanes have: hidden layers, and the output layer where it runs over weights. */
function rowsOf(field, layers) {
  if (field.axes[0] === "weights") return [...Array(layers).keys(), field.shape[0] - 1];
  if (field.axes[0] === "layer") return [...Array(layers).keys()];
  return [...Array(field.shape[0] ?? 1).keys()];
}

/** The scaled numbers of some rows in a row, in the given bins where there are any. */
function gathered(frame, field, rows, { bins, count }) {
  const view = frame.view(field);
  const tail = field.shape.length ? field.size / field.shape[0] : 1;
  const out = new Float64Array(rows.length * (bins ? count : tail));
  rows.forEach((row, i) => {
    const own = Float64Array.from(view.subarray(row * tail, (row + 1) * tail), (value) => value * field.scale);
    const same = !bins || (bins.lo === field.bins.lo && bins.hi === field.bins.hi && count === tail);
    out.set(same ? own : rebinned(own, field.bins, bins.lo, bins.hi, count), i * (bins ? count : tail));
  });
  return out;
}

const minus = (b, a) => b - a;
const over = (b, a) => (a === 0 ? NaN : b / a);

/** A field made of the same quantity of two lanes; null where these do not go together. */
function between(a, b, layers, lane, index, act, unit) {
  const common = a.axes.join() === b.axes.join() && a.shape.length === b.shape.length ? commonBins(a, b) : null;
  if (!common || (!common.bins && a.shape.slice(1).join() !== b.shape.slice(1).join())) return null;
  const rows = [rowsOf(a, layers), rowsOf(b, layers)];
  if (rows[0].length !== rows[1].length) return null;
  const shape = b.shape.length ? [rows[1].length, ...b.shape.slice(1)] : [];
  if (common.bins) shape[1] = common.count;
  return {
    ...b, index, lane, shape, unit, bins: common.bins, scale: 1,
    size: shape.reduce((product, n) => product * n, 1),
    of(frame) {
      const [first, second] = [a, b].map((field, i) => gathered(frame, field, rows[i], common));
      return second.map((value, i) => act(value, first[i]));
    },
  };
}

/** A frame of differences: computed when a chart asks for them, once. */
class Difference {
  constructor(frame, schema) {
    Object.assign(this, { frame, schema, seq: frame.seq, step: frame.step, time: frame.time, views: [] });
  }

  view(field) {
    return field ? (this.views[field.index] ??= field.of(this.frame)) : null;
  }

  value(field, index = 0) {
    return this.view(field)?.[index] ?? NaN;
  }
}

/**
 * The schema of "each lane minus lane A" (`only` one of them where it is a lane's index). Its lanes have the layers that
 * both have; `field` gives differences, `ratio` quotients of what is drawn on a logarithmic axis.
 */
export function differences(schema, only = null) {
  const [base] = schema.lanes;
  const others = [...schema.lanes.keys()].filter((lane) => lane > 0 && (only === null || lane === only));
  const lanes = others.map((origin) => {
    const own = schema.lanes[origin];
    return {
      ...own, origin,
      layers: Math.min(own.layers, base.layers),
      name: `${own.name} − ${base.name}`,
      quotient: `${own.name} / ${base.name}`,
      title: `${own.short} − ${base.short}`,
      short: `${own.short} − ${base.short}`,
    };
  });
  const found = { field: new Map(), ratio: new Map() };
  const fields = [];
  const put = (kind, a, b, lane, act, unit) => {
    const made = between(a, b, lanes[lane].layers, lane, fields.length, act, unit);
    if (made) found[kind].set(`${lane}/${b.name}`, fields[fields.push(made) - 1]);
  };
  others.forEach((origin, lane) => {
    for (const b of schema.fields) {
      const a = schema.field(b.name, 0);
      if (b.lane !== origin || !a || b.name === "alive") continue;
      put("field", a, b, lane, minus, b.unit);
      if (b.log) put("ratio", a, b, lane, over, "");
    }
  });
  const flags = schema.flags
    .filter((flag) => flag.lane === 0 || others.includes(flag.lane))
    .map((flag) => ({ ...flag, lane: flag.lane === 0 ? null : others.indexOf(flag.lane) }));
  return {
    ...schema, lanes, fields, flags, base: base.name,
    field: (name, lane) => found.field.get(`${lane}/${name}`) ?? null,
    ratio: (name, lane) => found.ratio.get(`${lane}/${name}`) ?? null,
    frame: (frame) => new Difference(frame, schema),
  };
}

/**
 * What was measured now and then, `width` numbers a lane, as the shown lanes have it. Numbers come in pairs (with running
 * averages, with batch statistics); where both ways are the same, the second is NaN and the first stands for it.
 */
export function measuredOf(values, width, shown) {
  const lane = (at) => values.slice(at * width, (at + 1) * width);
  if (shown.base === undefined) return shown.lanes.flatMap(({ origin }, at) => lane(origin ?? at));
  const a = lane(0);
  const standing = (own, i) => (i % 2 && Number.isNaN(own[i]) ? own[i - 1] : own[i]);
  return shown.lanes.flatMap(({ origin }) => {
    const b = lane(origin);
    return b.map((value, i) => (Number.isNaN(value) && Number.isNaN(a[i]) ? NaN : standing(b, i) - standing(a, i)));
  });
}
