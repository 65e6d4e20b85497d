// A chart as a picture: PNG from its canvases, SVG from the same drawing code on a context that writes SVG.
import { recorder, xml } from "./svgcontext.js";

const PAD = 12;
const SAMPLES = { train: "── ", heldout: "─●─ ", batch: "╌╌ " };

/** The charts that are on the screen: [{title, card, panels}]. */
export function charts(root) {
  return [...root.querySelectorAll(".card")].map((card) => ({
    title: card.querySelector(".title")?.textContent ?? card.className,
    card,
    panels: [...card.querySelectorAll(".panel")].map((element) => element.panel).filter((panel) => panel?.visible),
  })).filter(({ panels }) => panels.length);
}

/** Where everything of a chart is, in CSS pixels: its title and note above, then the panels as they lie on the screen. */
function layout(chart, { type, schema }) {
  const named = schema.lanes.length > 1 ? [schema.lanes.map(({ name, title }) => `${name}: ${title}`).join("  ·  ")] : [];
  const body = chart.panels.map(({ element }) => element.getBoundingClientRect());
  const left = Math.min(...body.map((box) => box.left));
  const top = Math.min(...body.map((box) => box.top));
  const width = Math.max(...body.map((box) => box.right)) - left + 2 * PAD;
  const lines = [...named.flatMap((line) => folded(line, type, width - 2 * PAD)), ...folded(noteOf(chart), type, width - 2 * PAD)];
  const head = PAD + type * 1.6 + lines.length * type * 1.35 + 4;
  const height = Math.max(...body.map((box) => box.bottom)) - top + head + PAD;
  return { width, height, lines, places: body.map((box) => ({ x: box.left - left + PAD, y: box.top - top + head })) };
}

let measure = null;

/** The note below the title; a legend's samples of lines as signs. */
function noteOf({ card }) {
  const keys = [...card.querySelectorAll(".note .key")];
  const sign = (key) => SAMPLES[Object.keys(SAMPLES).find((name) => key.classList.contains(name))] ?? "";
  return keys.length ? keys.map((key) => sign(key) + key.textContent).join("  ·  ") : card.querySelector(".note")?.textContent ?? "";
}

/** A text in lines that fit. */
function folded(text, type, room) {
  measure ??= document.createElement("canvas").getContext("2d");
  measure.font = `${type}px sans-serif`;
  const lines = [];
  for (const word of text.split(/ +/).filter(Boolean)) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && measure.measureText(longer).width <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A chart as a PNG blob, in the pixels of the screen. */
export async function png(view, chart) {
  const { theme, type } = view.scene;
  const { width, height, lines, places } = layout(chart, view.scene);
  const dpr = Math.max(1, ...chart.panels.map((panel) => panel.dpr));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.round(width * dpr), height: Math.round(height * dpr) });
  const context = canvas.getContext("2d");
  context.scale(dpr, dpr);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  context.fillStyle = theme.text;
  context.textBaseline = "top";
  context.font = `bold ${type * 1.2}px ${theme.font}`;
  context.fillText(chart.title, PAD, PAD);
  context.font = `${type}px ${theme.font}`;
  context.fillStyle = theme.muted;
  lines.forEach((line, i) => context.fillText(line, PAD, PAD + type * (1.6 + i * 1.35)));
  chart.panels.forEach((panel, i) => {
    for (const layer of [panel.back, panel.front]) context.drawImage(layer, places[i].x, places[i].y, panel.width, panel.height);
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** A chart as SVG text: everything is painted once more, this chart on contexts that write. */
export function svg(view, chart) {
  const { theme, type } = view.scene;
  const { width, height, lines, places } = layout(chart, view.scene);
  const drawn = record(view, chart);
  const n = (value) => value.toFixed(1);
  const words = lines.map((line, i) => `<text x="${PAD}" y="${n(PAD + type * (2.4 + i * 1.35))}" fill="${xml(theme.muted)}">${xml(line)}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}" font-family="${xml(theme.font)}" font-size="${n(type)}">`,
    `<title>${xml(chart.title)}</title><rect width="100%" height="100%" fill="${xml(theme.background)}"/>`,
    `<text x="${PAD}" y="${n(PAD + type)}" font-size="${n(type * 1.2)}" font-weight="bold" fill="${xml(theme.text)}">${xml(chart.title)}</text>`,
    ...words,
    ...drawn.map((parts, i) => `<g transform="translate(${n(places[i].x)} ${n(places[i].y)})">${parts}</g>`),
    "</svg>",
  ].join("\n");
}

/** Lets the charts paint on recording contexts, then on their canvases again. */
function record(view, chart) {
  const layers = chart.panels.map((panel, i) => [panel.back, panel.front].map((canvas, layer) => {
    const real = canvas.getContext("2d");
    return { canvas, real, panel, svg: recorder(real, `p${i}${layer}`) };
  }));
  const each = (act) => layers.flat().forEach(act);
  const paint = () => {
    each(({ panel }) => (panel.axesKey = ""));
    view.painter.paintAll(performance.now());
  };
  each((layer) => (layer.canvas.context = layer.svg));
  try {
    paint();
  } finally {
    each((layer) => (layer.canvas.context = layer.real));
    paint();
  }
  return layers.map((pair) => pair.map(written).join(""));
}

/** What was drawn; where something was asked for that has no SVG here, the canvas as it is. */
function written({ canvas, panel, svg }) {
  if (!svg.unknown) return svg.parts.join("");
  return `<image width="${panel.width}" height="${panel.height}" href="${canvas.toDataURL()}"/>`;
}
