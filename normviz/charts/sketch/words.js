// Every visible word of a sketch; the Python side may override any entry by key, for another language.
export const WORDS = {
  "commit": "Commit",
  "clear": "Clear",
  "hint": "Draw with mouse or finger, or press Tab and the arrow keys.",
  "empty": "not drawn yet",
};

/** A function key -> text. */
export function makeWords(overrides) {
  const table = { ...WORDS };
  for (const [key, text] of Object.entries(overrides ?? {})) if (typeof text === "string") table[key] = text;
  return (key) => table[key] ?? key;
}
