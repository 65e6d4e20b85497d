// Every visible word of a study; the Python side may override any entry by key, for another language.
export const WORDS = {
  "name.study": "Published beside ours: {title}",
  "source": "Published: {source}",
  "loading": "Reading what was published…",
  "run": "Run it again here ({seeds} seeds)",
  "join": "I want it, too",
  "cancel": "Cancel",
  "numbers": "All numbers (JSON)",
  "off": "Running it again is switched off on this server.",
  "state.waiting": "In the queue: {place} before it.",
  "state.waiting.next": "It starts in a moment.",
  "state.starting": "It starts: {seconds} s.",
  "state.running": "{done} of {total} measurements, {seconds} s.",
  "state.left": "{done} of {total} measurements, {seconds} s; about {left} s to go.",
  "state.cancelled": "Cancelled: nothing was measured.",
  "state.withdrawn": "You do not wait for it any more; it goes on for others.",
  "state.died": "It failed: the process ended. {detail}",
  "state.long": "It was ended after {detail}, which is as long as a study may run on this server.",
  "state.done": "{inside} of {judged} inside their bands, {seeds} seeds.",
  "connection.lost": "The connection is lost; trying again…",
  "progress": "Measurements done",
  "table": "Published numbers beside ours",
  "column.label": "quantity",
  "column.published": "published",
  "column.ours": "ours, mean ± sd over {seeds} seeds",
  "column.band": "band",
  "column.verdict": "verdict",
  "ours.none": "not run yet",
  "inside": "✓ inside",
  "outside": "✗ outside",
  "band.mean": "(of the mean)",
  "line.published": "{label}, published",
  "chart.numbers": "The numbers of this chart",
  "chart.label": "Chart: {title}. {y} against {x}. Lines: {lines}.",
  "plane.label": "Chart: {title}. {points}, and {marked}.",
  "chart.key": "Filled and joined: ours, mean ± sd. Hollow: published.",
};

const fill = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values?.[name] ?? whole);

/** A function (key, values) -> text. */
export function makeWords(overrides) {
  const table = { ...WORDS };
  for (const [key, text] of Object.entries(overrides ?? {})) if (typeof text === "string") table[key] = text;
  return (key, values) => fill(table[key] ?? key, values);
}
