// The table of a figure: what was published, what came out, and whether that is inside its band.
import { element } from "../live/card.js";
import { number } from "../live/format.js";

const COLUMNS = ["label", "published", "ours", "band", "verdict"];

const said = (value) => (value === null || value === undefined ? "" : typeof value === "number" ? number(value, 4) : String(value));

/** Mean ± standard deviation over the seeds. */
export const spread = ({ mean, sd }) => (mean === null ? "NaN" : `${number(mean, 4)}${sd === null ? "" : ` ± ${number(sd, 2)}`}`);

/** [rows inside their bands, rows that have one]. */
export function counts(rows) {
  const judged = rows.filter(({ inside }) => inside !== null);
  return [judged.filter(({ inside }) => inside).length, judged.length];
}

/** A band's text, with where its limits come from. */
function bandCell(band, t) {
  const cell = element("td", "band");
  if (!band) return cell;
  cell.append(element("span", "limits", band.text.replace(">=", "≥").replace("<=", "≤")));
  if (!band.every_seed) cell.append(` ${t("band.mean")}`);
  cell.append(element("span", "reason", band.reason));
  return cell;
}

/** A table; `outcome` is null before the figure has been run. */
export function makeTable(published, outcome, seeds, t) {
  const table = element("table", "rows-of");
  table.append(element("caption", "aloud", t("table")));
  const head = element("thead");
  const names = element("tr");
  for (const column of COLUMNS) {
    const cell = element("th", column, t(`column.${column}`, { seeds }));
    cell.scope = "col";
    names.append(cell);
  }
  head.append(names);
  const body = element("tbody");
  published.rows.forEach((row, i) => body.append(makeRow(row, outcome?.rows[i] ?? null, seeds, t)));
  table.append(head, body);
  return table;
}

function makeRow({ label, published, band }, ours, seeds, t) {
  const row = element("tr");
  const name = element("th", "label", label);
  name.scope = "row";
  const verdict = ours === null || ours.inside === null ? "" : ours.inside ? "inside" : "outside";
  const cells = [
    element("td", "published", said(published)),
    element("td", "ours", ours ? spread(ours) : t("ours.none")),
    bandCell(band, t),
    element("td", `verdict ${verdict}`, verdict ? t(verdict) : ""),
  ];
  cells.forEach((cell, i) => (cell.dataset.column = t(`column.${COLUMNS[i + 1]}`, { seeds })));
  row.append(name, ...cells);
  return row;
}
