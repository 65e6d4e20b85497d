// Scales and ticks: pure functions, no drawing.

/** A linear map from [lo, hi] to [from, to] pixels; `of` clamps nothing. */
export function linear(lo, hi, from, to) {
  const span = hi - lo || 1;
  const slope = (to - from) / span;
  return {
    lo, hi, log: false,
    of: (value) => from + (value - lo) * slope,
    back: (pixel) => lo + (pixel - from) / slope,
  };
}

/** A logarithmic map; values at or below 0 land on the lower end. */
export function logarithmic(lo, hi, from, to) {
  const a = Math.log10(lo);
  const span = Math.log10(hi) - a || 1;
  const slope = (to - from) / span;
  return {
    lo, hi, log: true,
    of: (value) => (value > lo ? from + (Math.log10(value) - a) * slope : from),
    back: (pixel) => 10 ** (a + (pixel - from) / slope),
  };
}

/** The 1-2-5 distance between ticks that gives about `count` of them. */
export function niceStep(span, count) {
  const raw = span / Math.max(1, count);
  if (!(raw > 0) || !Number.isFinite(raw)) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const part = raw / magnitude;
  return (part <= 1.0001 ? 1 : part <= 2.0001 ? 2 : part <= 5.0001 ? 5 : 10) * magnitude;
}

/** Tick values of [lo, hi] on a linear axis. */
export function linearTicks(lo, hi, count) {
  const step = niceStep(hi - lo, count);
  const ticks = [];
  const first = Math.ceil(lo / step - 1e-6);
  for (let i = first; i * step <= hi + step * 1e-6 && ticks.length < 50; i++) ticks.push(Number((i * step).toPrecision(12)));
  return { ticks, step };
}

/** Exponents of ten between lo and hi, thinned to about `count`. */
export function decadeTicks(lo, hi, count) {
  const first = Math.ceil(Math.log10(lo) - 1e-9);
  const last = Math.floor(Math.log10(hi) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / Math.max(2, count)));
  const ticks = [];
  for (let e = last; e >= first; e -= step) ticks.push(e);
  return ticks.reverse();
}

/** [lo, hi] widened to round numbers, never empty. */
export function niceDomain(lo, hi, count = 4) {
  if (!(lo <= hi) || !Number.isFinite(lo) || !Number.isFinite(hi)) return [0, 1];
  const least = Math.max(Math.abs(lo), Math.abs(hi)) * 1e-6 || 1e-9;
  if (hi - lo < least) {
    const middle = (lo + hi) / 2;
    const half = Math.abs(middle) * 0.1 || 1;
    return [middle - half, middle + half];
  }
  const step = niceStep(hi - lo, count);
  return [Math.floor(lo / step + 1e-9) * step, Math.ceil(hi / step - 1e-9) * step];
}

/** Whole decades around positive [lo, hi]. */
export function decadeDomain(lo, hi) {
  if (!(lo > 0) || !(hi >= lo) || !Number.isFinite(hi)) return [1e-3, 1];
  let a = Math.floor(Math.log10(lo) + 1e-9);
  let b = Math.ceil(Math.log10(hi) - 1e-9);
  if (b - a < 1) b = a + 1;
  if (b - a < 2 && Math.log10(hi) - a > 0.9) b += 1;
  a = Math.max(a, -300);
  return [10 ** a, 10 ** Math.min(b, 300)];
}

const ENDS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** Right end of a step axis: a round number a little beyond `step`, so that the axis seldom moves. */
export function niceEnd(step) {
  if (!(step > 10)) return 10;
  const magnitude = 10 ** Math.floor(Math.log10(step));
  for (const part of ENDS) if (step <= part * magnitude * 1.0000001) return part * magnitude;
  return 10 * magnitude;
}

/**
 * A domain that follows its data without trembling: grows at once, shrinks only when the data has
 * used less than a third of it for a second.
 */
export function steadyDomain(nice) {
  let current = null;
  let small = 0;
  return {
    reset() { current = null; },
    update(lo, hi, now) {
      const wanted = nice(lo, hi);
      if (!current) return (current = wanted);
      if (lo < current[0] || hi > current[1]) {
        small = 0;
        current = nice(Math.min(lo, current[0]), Math.max(hi, current[1]));
        if (wanted[1] - wanted[0] < (current[1] - current[0]) / 3) current = wanted;
      } else if (wanted[1] - wanted[0] < (current[1] - current[0]) / 2.9) {
        small ||= now;
        if (now - small > 1000) current = wanted;
      } else small = 0;
      return current;
    },
  };
}

/** Index of the frame whose `step` is nearest, in an array sorted by step. */
export function nearestByStep(frames, step) {
  let a = 0;
  let b = frames.length - 1;
  if (b < 0) return -1;
  while (b - a > 1) {
    const middle = (a + b) >> 1;
    if (frames[middle].step <= step) a = middle;
    else b = middle;
  }
  return Math.abs(frames[b].step - step) < Math.abs(frames[a].step - step) ? b : a;
}
