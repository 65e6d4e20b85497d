// Colours and fonts from Streamlit's CSS variables; a colour scale by depth and a pair for the lanes.
import { language } from "./format.js";

// Okabe and Ito's colours, lighter ones on a dark ground.
export const LANES = {
  light: ["#0072B2", "#C04A00", "#00795A", "#A8467E"],
  dark: ["#56B4E9", "#F0A030", "#2CC59B", "#E39BC4"],
};

/** OKLCH to [r, g, b] in 0..255, clipped to sRGB. */
export function oklch(lightness, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((c) => {
    const v = c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, Math.max(0, v)));
  });
}

const css = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`;

/** Colours of n layers: lightness rises evenly with depth, from violet over teal to yellow-green; 3:1 on the ground at least. */
export function layerColors(n, dark) {
  const colors = [];
  for (let i = 0; i < n; i++) {
    const u = n > 1 ? i / (n - 1) : 0;
    const lightness = dark ? 0.58 + 0.34 * u : 0.34 + 0.3 * u;
    colors.push(css(oklch(lightness, 0.15 - 0.01 * u, 305 - 195 * u)));
  }
  return colors;
}

/** A sequential colour table of 256 RGB triples for shares from 0 to 1. */
export function heatTable(dark) {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const u = i / 255;
    const lightness = dark ? 0.24 + 0.66 * u : 0.965 - 0.6 * u;
    table.set(oklch(lightness, 0.02 + 0.15 * Math.sin(Math.PI * Math.min(1, 0.12 + 0.7 * u)), 95 - 75 * u), i * 3);
  }
  return table;
}

/** A colour table for differences, 0 in the middle: blue below, orange above, which all kinds of colour vision tell apart. */
export function signedTable(dark) {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const u = (i - 127.5) / 127.5;
    const size = Math.abs(u);
    const lightness = dark ? 0.24 + 0.56 * size : 0.965 - 0.46 * size;
    table.set(oklch(lightness, 0.15 * size ** 0.8, u < 0 ? 250 : 50), i * 3);
  }
  return table;
}

const probe = () => document.createElement("canvas").getContext("2d", { willReadFrequently: true });
let context = null;

/** Any CSS colour as [r, g, b]; the fallback when it is none. */
export function rgb(color, fallback) {
  context ??= probe();
  context.fillStyle = fallback;
  context.fillStyle = color || fallback;
  context.clearRect(0, 0, 1, 1);
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

const mix = (a, b, share) => css(a.map((v, i) => Math.round(v * (1 - share) + b[i] * share)));
const luminance = ([r, g, b]) => (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;

// The Chinese fonts that systems bring; none is downloaded. A canvas does not choose by the page's language itself.
const CHINESE = {
  "zh-CN": '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC"',
  "zh-TW": '"PingFang TC", "Microsoft JhengHei", "Noto Sans CJK TC", "Noto Sans TC"',
};

/** A list of fonts with the Chinese ones of a language before the last, which stands for any. */
export function withChinese(fonts, language) {
  const names = CHINESE[language];
  return names ? `${fonts.replace(/,?\s*sans-serif\s*$/, "")}, ${names}, sans-serif` : fonts;
}

/** Reads the theme that holds at this element. `key` changes whenever anything in it does. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(name).trim();
  const background = rgb(read("--st-background-color"), "#ffffff");
  const dark = luminance(background) < 0.4;
  const text = rgb(read("--st-text-color"), dark ? "#fafafa" : "#262730");
  const font = withChinese(read("--st-font") || "system-ui, sans-serif", language());
  const strong = element.dataset.projector === "1"; // a room's light takes contrast away
  return {
    dark, font,
    text: css(text),
    background: css(background),
    muted: mix(text, background, strong ? 0.1 : 0.28),
    grid: mix(text, background, strong ? 0.65 : dark ? 0.8 : 0.86),
    thick: strong ? 1.7 : 1, // lines, times their width
    lanes: dark ? LANES.dark : LANES.light,
    key: [dark, text, background, font, strong].join("/"),
  };
}
