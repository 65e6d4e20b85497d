// What a chart shows, as numbers, and from them: a description in words and tables.
//
// A reading: {title, head, rows: [name], frame, frames, sets, parts}. A set is one quantity of one lane:
// {name, read(frame) -> [a number a row, undefined where there is no such row], write, course}. A part is what one
// panel shows: {panel, sets, over}; `over` ones show a course over the steps.
import { spread } from "./store.js";

const STEPS = 12; // rows of a table over the steps
const TOLD = 6; // sets that a description goes into
const FEW = 4; // rows that are all told

/** Where a set's finite values are largest and smallest: {most, least} as row indices; null without any. */
export function extremes(values) {
  let most = null;
  let least = null;
  values.forEach((value, row) => {
    if (!Number.isFinite(value)) return;
    if (most === null || value > values[most]) most = row;
    if (least === null || value < values[least]) least = row;
  });
  return most === null ? null : { most, least };
}

/** The row whose value has changed most: by its ratio where all are positive, else by its difference; null if none has. */
export function mostChanged(from, to) {
  const both = to.map((_, row) => row).filter((row) => Number.isFinite(from[row]) && Number.isFinite(to[row]));
  const positive = both.every((row) => from[row] > 0 && to[row] > 0);
  const change = (row) => Math.abs(positive ? Math.log(to[row] / from[row]) : to[row] - from[row]);
  return both.reduce((best, row) => (change(row) > (best === null ? 0 : change(best)) ? row : best), null);
}

const ends = (values) => {
  const there = values.map((_, row) => row).filter((row) => values[row] !== undefined);
  return [there[0], there.at(-1)];
};

/** One set at one step: its largest and smallest value, and what the first and the last row have. */
function now(t, { rows, frame }, { name, read, write }) {
  const values = read(frame);
  const found = extremes(values);
  if (!found) return t("tell.none", { name });
  if (values.length === 1) return t("tell.one", { name, value: write(values[0]) });
  const { most, least } = found;
  const odd = values.filter((value) => value !== undefined && !Number.isFinite(value)).length;
  const more = odd ? ` ${t("tell.odd", { count: odd })}` : "";
  if (values[most] === values[least]) return t("tell.same", { name, value: write(values[most]) }) + more;
  const [first, end] = ends(values);
  return t("tell.range", {
    name, most: write(values[most]), at_most: rows[most], least: write(values[least]), at_least: rows[least],
    first: rows[first], of_first: write(values[first]), end: rows[end], of_end: write(values[end]),
  }) + more;
}

/** One set over the recorded steps: the first and the last row, and the one that has changed most. */
function course(t, { rows, frames }, { name, read, write }) {
  const [from, to] = [frames[0], frames.at(-1)];
  const [before, after] = [read(from), read(to)];
  const changed = mostChanged(before, after);
  const wanted = rows.length > FEW ? [...ends(after), changed ?? 0] : rows.keys();
  const told = [...new Set(wanted)].filter((row) => Number.isFinite(before[row]) && Number.isFinite(after[row]));
  if (!told.length) return t("tell.none", { name });
  const each = told.map((row) => t("tell.row", { row: rows[row], before: write(before[row]), after: write(after[row]) }));
  const most = rows.length > FEW && changed !== null ? ` ${t("tell.changed", { row: rows[changed] })}` : "";
  return t("tell.course", { name, from: String(from.step), to: String(to.step), each: each.join("; ") }) + most;
}

/** A panel's description; null as long as there is nothing to describe. */
export function describe(t, reading, { sets, over }) {
  const { title, frame, frames } = reading;
  if (!frame || !frames.length || !sets.length) return null;
  const told = sets.slice(0, TOLD).map((set) => (over && frames.length > 1 ? course : now)(t, reading, set));
  const head = t(over && frames.length > 1 ? "tell.over" : "tell.now", { title, step: frame.step });
  return [head, ...told].join(" ");
}

/** The tables of a reading: of the shown step, then of every course; {caption, head, columns, rows: [[text]]}. */
export function tables(t, reading) {
  const { title, head, rows, frame, frames, sets } = reading;
  const values = sets.map(({ read }) => read(frame));
  const cell = (set, value) => (value === undefined ? "" : set.write(value));
  const made = [{
    caption: t("table.now", { title, step: frame.step }),
    head, columns: sets.map(({ name }) => name),
    rows: rows.map((name, row) => [name, ...sets.map((set, i) => cell(set, values[i][row]))]),
  }];
  const some = spread(frames, STEPS);
  for (const set of some.length > 1 ? sets.filter((each) => each.course) : []) {
    const there = rows.map((_, row) => row).filter((row) => set.read(frame)[row] !== undefined);
    made.push({
      caption: t("table.over", { name: set.name }),
      head: t("axis.step.short"), columns: there.map((row) => rows[row]),
      rows: some.map((each) => {
        const numbers = set.read(each);
        return [String(each.step), ...there.map((row) => cell(set, numbers[row]))];
      }),
    });
  }
  return made;
}

/** Tables as text that a spreadsheet takes: a line a row, cells parted by tabs. */
export function plain(made) {
  return made.map(({ caption, head, columns, rows }) => [[caption], [head, ...columns], ...rows].map((row) => row.join("\t")).join("\n")).join("\n\n");
}
