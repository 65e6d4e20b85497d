// Pointing at a layer with the keyboard: it lights up in all charts, and its numbers are said.
import { say } from "./card.js";

const TOLD = 4; // numbers that are said

/** The layer that is pointed at after one step of keys up or down; from nowhere to the first, or the last. */
export function next(highlight, by, depth) {
  if (typeof highlight !== "number") return by > 0 ? 0 : depth - 1;
  return Math.min(depth - 1, Math.max(0, highlight + by));
}

/** Points at the layer above (-1) or below (1), and says what the first chart on the screen has of it. */
export function pointAt(view, by) {
  const { scene } = view;
  if (!view.paintable || !view.player.shown) return;
  const layer = next(scene.highlight, by, scene.depth);
  scene.setHighlight(layer);
  const chart = view.charts.find(({ card }) => card.element.offsetParent);
  const { sets = [], frame } = chart?.read() ?? {};
  const told = sets.slice(0, TOLD).map(({ name, read, write }) => [name, read(frame)[layer], write]).filter(([, value]) => value !== undefined);
  say(view.aloud, [scene.t("layer.name", { layer: layer + 1 }), ...told.map(([name, value, write]) => `${name} ${write(value)}`)].join(", "));
}
