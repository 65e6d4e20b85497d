// The numbers of a chart as tables, in a dialog: to read, to hear, to copy. It stands still while the run goes on.
import { element, say } from "./card.js";
import { plain, tables } from "./reading.js";

/** A real table: its caption, a head for each column and one for each row. */
export function table({ caption, head, columns, rows }) {
  const made = element("table", "numbers-table");
  made.append(element("caption", "", caption));
  const heads = element("tr");
  heads.append(...[head, ...columns].map((text) => headCell(text, "col")));
  const top = element("thead");
  top.append(heads);
  const body = element("tbody");
  body.append(...rows.map(([name, ...cells]) => {
    const row = element("tr");
    row.append(headCell(name, "row"), ...cells.map((text) => element("td", "", text)));
    return row;
  }));
  made.append(top, body);
  return made;
}

function headCell(text, scope) {
  const cell = element("th", "", text);
  cell.scope = scope;
  return cell;
}

export class NumbersDialog {
  constructor(parent, t) {
    this.t = t;
    this.element = element("dialog", "keys numbers-dialog");
    this.scroll = element("div", "numbers-scroll");
    this.scroll.tabIndex = 0; // its content is scrolled by keys
    this.scroll.setAttribute("role", "region");
    this.status = element("span", "numbers-status");
    this.status.setAttribute("role", "status");
    const copy = this.button(t("table.copy"), () => this.copy());
    const close = this.button(t("keys.close"), () => this.element.close());
    close.autofocus = true;
    const bar = element("div", "numbers-bar");
    bar.append(copy, close, this.status);
    this.element.append(this.scroll, bar);
    this.element.onclick = (event) => event.target === this.element && this.element.close();
    parent.append(this.element);
  }

  button(text, pressed) {
    const made = element("button", "button", text);
    Object.assign(made, { type: "button", onclick: pressed });
    return made;
  }

  open(reading) {
    this.tables = tables(this.t, reading);
    say(this.status, "");
    this.element.setAttribute("aria-label", reading.title);
    this.scroll.setAttribute("aria-label", this.tables[0].caption);
    this.scroll.replaceChildren(...this.tables.map(table));
    this.scroll.scrollTop = this.scroll.scrollLeft = 0;
    this.element.showModal();
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(plain(this.tables));
      say(this.status, this.t("table.copied"));
    } catch {
      getSelection()?.selectAllChildren(this.scroll); // without the right to the clipboard: selected, for the keys
      say(this.status, this.t("table.selected"));
    }
  }
}
