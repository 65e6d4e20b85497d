// What the server says in English inside a schema, in the language of the page: titles, quantities, units, definitions.

const BETWEEN = /, (?=(?:from step [0-9]+ )?[^:,]+: )/; // a value may have a comma of its own: "MNIST digits, 28 x 28"
const SETTING = /^(?:from step ([0-9]+) )?([^:]+): (.*)$/s;
const SINCE = "from step {step} {change}";
const PAIR = "{field}: {value}";
const AND = ", ";

const put = (template, values) => template.replace(/\{([a-z]+)\}/g, (whole, name) => values[name] ?? whole);

/** What makes a lane differ, without the names of the controls: "Normalization: Batch, Seed: 1" is "Batch, 1". */
export function shortTitle(title) {
  return title.split(", ").map((part) => part.replace(/^(from step [0-9]+ )?[^:]*: /, "$1")).join(", ");
}

/** Makes term(text): the translation of a text of the server; of one with a number in it, that of the text around it. */
export function makeTerms(table) {
  const known = new Map(Object.entries(table ?? {}));
  return (text) => {
    if (known.has(text)) return known.get(text);
    const n = /[0-9]+/.exec(text)?.[0];
    return n === undefined ? text : (known.get(text.replace(n, "{n}"))?.replace("{n}", n) ?? text);
  };
}

function setting(t, text, short) {
  const found = SETTING.exec(text);
  if (!found) return t.term(text);
  const [, step, field, english] = found;
  const value = t.term(english);
  const change = short ? value : put(t.term(PAIR), { field: t.term(field), value });
  return step === undefined ? change : put(t.term(SINCE), { step, change });
}

/** Settings such as "Normalization: Batch, from step 300 Seed: 1"; `short`: without the names of the controls. */
export function settings(t, text, short = false) {
  if (t.term(PAIR) === PAIR) return short ? shortTitle(text) : text;
  return text.split(BETWEEN).map((part) => setting(t, part, short)).join(t.term(AND));
}

/** Puts a schema that has just been read into the language of the page. */
export function translate(schema, t) {
  for (const lane of schema.lanes) {
    lane.short = settings(t, lane.title, true);
    lane.title = settings(t, lane.title);
    lane.saturation = t.term(lane.saturation);
  }
  for (const field of schema.fields) {
    field.label = t.term(field.label);
    field.unit = t.term(field.unit);
  }
  for (const flag of schema.flags) flag.text = settings(t, flag.text);
  return schema;
}
