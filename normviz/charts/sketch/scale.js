// Where values are on the screen: plain functions, so that they can be tested without one.

/** From values to 0..1 upwards and back; `log`: decimal. */
export function axis(low, high, log) {
  const of = log ? Math.log10 : (value) => value;
  const from = of(low), over = of(high) - from;
  return {
    share: (value) => (of(value) - from) / over,
    value: (share) => {
      const at = from + Math.min(1, Math.max(0, share)) * over;
      return log ? 10 ** at : at;
    },
  };
}

/** The numbers that an axis names: about five round ones, or powers of ten. */
export function ticks(low, high, log) {
  if (log) {
    const from = Math.ceil(Math.log10(low) - 1e-9), to = Math.floor(Math.log10(high) + 1e-9);
    const every = Math.max(1, Math.ceil((to - from) / 6));
    return range(from, to, every).map((power) => 10 ** power);
  }
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough - 1e-12);
  return range(Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9), 1).map((n) => n * step);
}

function range(from, to, every) {
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);
}

/** The index of the place that is nearest to `x`. */
export function nearest(places, x) {
  return places.reduce((best, place, i) => (Math.abs(place - x) < Math.abs(places[best] - x) ? i : best), 0);
}

/** Puts the values of a stroke from (i, a) to (j, b) into `shares`, straight in between. */
export function stroke(shares, i, a, j, b) {
  for (let at = Math.min(i, j); at <= Math.max(i, j); at++) {
    shares[at] = i === j ? b : a + ((at - i) / (j - i)) * (b - a);
  }
}

/** A number without an exponent, as attributes need it. */
export function decimal(value) {
  return value.toLocaleString("en", { useGrouping: false, maximumSignificantDigits: 6 });
}

/** A power of ten as 10⁻³, other numbers as they are. */
export function named(value, log) {
  const power = Math.log10(value);
  if (log && Math.abs(power - Math.round(power)) < 1e-9 && Math.abs(power) > 1.5) return `10${raised(Math.round(power))}`;
  return String(Number(value.toPrecision(2)));
}

function raised(power) {
  return String(power).replace(/[-\d]/g, (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]));
}
