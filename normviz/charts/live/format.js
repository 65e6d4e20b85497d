// Numbers as text: the one place where a number becomes something to read.

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const formatters = new Map();
let locale = "en";

export function setLocale(name) {
  try {
    new Intl.NumberFormat(name);
    locale = name;
  } catch {
    locale = "en";
  }
}

/** The language that numbers are written in: "zh-TW". */
export const language = () => locale;

function formatter(options) {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, options);
    formatters.set(key, found);
  }
  return found;
}

const fixedOptions = [];
const digitOptions = [];
for (let digits = 0; digits <= 12; digits++) {
  fixedOptions.push({ minimumFractionDigits: digits, maximumFractionDigits: digits });
  digitOptions.push({ maximumSignificantDigits: Math.max(1, digits) });
}

function special(value) {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "∞" : "−∞";
}

const minus = (text) => text.replace("-", "−");

/** 10 to an integer power: power(-3) = "10⁻³". */
export function power(exponent) {
  return "10" + String(exponent).replace(/[-0-9]/g, (c) => SUPERSCRIPT[c]);
}

/** A number with some significant digits; very small and very large ones as 1.2·10⁻⁶. */
export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return special(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return minus(formatter(digitOptions[digits]).format(value));
  let exponent = Math.floor(Math.log10(size));
  let mantissa = value / 10 ** exponent;
  if (!Number.isFinite(mantissa)) mantissa = (value * 1e20) / 10 ** (exponent + 20);
  if (Math.abs(Number(mantissa.toPrecision(digits))) >= 10) {
    exponent += 1;
    mantissa /= 10;
  }
  const head = minus(formatter(digitOptions[digits]).format(mantissa));
  return head === "1" ? power(exponent) : `${head}·${power(exponent)}`;
}

/** A whole number with grouping: 1,234. */
export function integer(value) {
  return Number.isFinite(value) ? minus(formatter(fixedOptions[0]).format(Math.round(value))) : special(value);
}

/** A share as per cent: percent(0.1234) = "12.3 %", in Chinese "12.3%". */
export function percent(share, digits = 1) {
  if (!Number.isFinite(share)) return special(share);
  const value = share * 100;
  const places = Math.abs(value) >= 99.95 || value === 0 || Math.abs(value) >= 10 ? Math.min(digits, 1) : digits;
  const text = minus(formatter({ maximumFractionDigits: places }).format(value));
  return `${text === "0" && value > 0 ? "<0.1" : text}${locale.startsWith("zh") ? "" : " "}%`;
}

/** A tick label of a linear axis whose ticks are `step` apart. */
export function tick(value, step) {
  if (value === 0) return "0";
  const largest = Math.max(Math.abs(value), step);
  if (largest >= 1e6 || step < 1e-4) return number(value, 3);
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  return minus(formatter(fixedOptions[decimals]).format(value));
}

/** Steps a second: one decimal below ten. */
export function rate(value) {
  if (!Number.isFinite(value)) return "0";
  return value < 9.95 ? number(Math.round(value * 10) / 10, 2) : integer(value);
}
