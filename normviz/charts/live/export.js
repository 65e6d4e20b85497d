// The Export menu: files about the run, pictures of the charts, the link, and a recording to look at again.
import { element, say } from "./card.js";
import { charts, png, svg } from "./pictures.js";

const FILES = [
  ["data.csv", "csv"], ["data.parquet", "parquet"], ["report.html", "report"],
  ["script.py", "script"], ["facts.json", "facts"], ["recording.normviz", "recording"],
];
const KEPT = new Set(["embed", "embed_options", "show", "lock", "view"]); // of the link: what is no setting
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** Hands a blob to the browser as a file. */
function save(blob, name) {
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export class Export {
  /** `view` has run, base, scene, painter, layout; the button goes to the end of the bar. */
  constructor(bar, view) {
    this.view = view;
    const { t } = view;
    this.button = element("button", "button export", t("button.export"));
    this.button.type = "button";
    this.button.title = t("button.export.name");
    this.button.setAttribute("aria-haspopup", "true");
    this.button.onclick = () => (this.open ? this.close() : this.show());
    bar.append(this.button);
    this.menu = element("div", "menu");
    this.menu.setAttribute("role", "dialog");
    this.menu.setAttribute("aria-label", t("button.export.name"));
    this.menu.hidden = true;
    bar.append(this.menu);
    this.onPress = (event) => this.open && !event.composedPath().some((at) => at === this.menu || at === this.button) && this.close();
    this.onKey = (event) => event.key === "Escape" && this.open && this.close(true);
    this.menu.onfocusout = ({ relatedTarget: to }) => to && to !== this.button && !this.menu.contains(to) && this.close();
    document.addEventListener("pointerdown", this.onPress);
    document.addEventListener("keydown", this.onKey);
    this.mark();
  }

  get open() {
    return !this.menu.hidden;
  }

  mark() {
    this.button.setAttribute("aria-expanded", String(this.open));
  }

  show() {
    this.fill();
    this.menu.hidden = false;
    this.mark();
    this.menu.querySelector("button")?.focus();
  }

  close(back = false) {
    this.menu.hidden = true;
    this.mark();
    if (back) this.button.focus();
  }

  /** The entries for what is on the screen now. */
  fill() {
    const { t } = this.view;
    this.status = element("p", "status");
    this.status.setAttribute("role", "status");
    this.cancel = this.entry(t("export.cancel"), () => this.abort?.abort(), "cancel");
    this.cancel.hidden = !this.abort;
    const bar = element("div", "work");
    bar.append(this.status, this.cancel);
    const files = this.view.run && this.view.scene.schema ? this.files() : [];
    this.menu.replaceChildren(
      ...this.group(t("export.run"), files),
      ...this.group(t("export.charts"), this.pictures()),
      ...this.group(t("export.more"), [this.entry(t("export.link"), () => this.copy()), ...this.opener()]),
      bar,
    );
  }

  group(title, entries) {
    if (!entries.length) return [];
    const list = element("div", "entries");
    list.append(...entries);
    return [element("h4", "", title), list];
  }

  entry(text, pressed, name = "") {
    const button = element("button", `entry ${name}`, text);
    button.type = "button";
    button.onclick = pressed;
    return button;
  }

  files() {
    const { t, scene } = this.view;
    const { lanes } = scene.recorded;
    return FILES.flatMap(([file, key]) => {
      if (key !== "script" || lanes.length === 1) return [this.entry(t(`export.${key}`), () => this.fetch(file))];
      return lanes.map(({ name }) => this.entry(t("export.script.lane", { lane: name }), () => this.fetch(`${file}?lane=${name.toLowerCase()}`)));
    });
  }

  pictures() {
    const { t, layout } = this.view;
    return charts(layout.root).map((chart) => {
      const row = element("div", "picture");
      const name = (ending) => `${chart.title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}.${ending}`;
      const button = (ending, make) => {
        const made = this.entry(ending.toUpperCase(), () => this.picture(chart, name(ending), make));
        made.setAttribute("aria-label", t("export.picture", { title: chart.title, format: ending.toUpperCase() }));
        return made;
      };
      row.append(element("span", "", chart.title), button("png", png), button("svg", async (view, of) => new Blob([svg(view, of)], { type: "image/svg+xml" })));
      return row;
    });
  }

  async picture(chart, name, make) {
    const { t, view } = { t: this.view.t, view: this.view };
    const blob = view.player.shown && chart.panels.every((panel) => panel.visible) ? await make(view, chart) : null;
    if (blob) save(blob, name);
    this.tell(t(blob ? "export.done" : "export.empty", { name }));
  }

  async copy() {
    const { t } = this.view;
    try {
      await navigator.clipboard.writeText(document.location.href);
      this.tell(t("export.copied"));
    } catch {
      this.tell(document.location.href);
    }
  }

  tell(text) {
    say(this.status, text);
  }

  /** One thing at a time; it can be cancelled. */
  async work(act) {
    const { t } = this.view;
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    this.cancel.hidden = false;
    try {
      await act(abort.signal);
    } catch (error) {
      this.tell(abort.signal.aborted ? t("export.cancelled") : t("export.failed", { reason: error.message }));
    } finally {
      if (this.abort === abort) this.abort = null;
      this.cancel.hidden = Boolean(!this.abort);
    }
  }

  address(path) {
    return new URL(`nv/receipt/${path}`, this.view.base);
  }

  fetch(file) {
    const { t, run } = this.view;
    const shown = file.split("?")[0];
    return this.work(async (signal) => {
      this.tell(t("export.working", { name: shown, done: megabytes(0) }));
      const answer = await fetch(this.address(`${encodeURIComponent(run)}/${file}`), { signal });
      if (!answer.ok) throw new Error((await answer.text()).slice(0, 300));
      const parts = [];
      let come = 0;
      for (const reader = answer.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        come += value.length;
        this.tell(t("export.working", { name: shown, done: megabytes(come) }));
      }
      const said = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
      const name = said?.[1] ?? shown;
      save(new Blob(parts, { type: answer.headers.get("Content-Type") ?? "" }), name);
      this.tell(t("export.done", { name }));
    });
  }

  opener() {
    const { t } = this.view;
    const input = element("input", "file");
    Object.assign(input, { type: "file", accept: ".normviz", hidden: true });
    input.onchange = () => input.files[0] && this.bring(input.files[0]);
    return [this.entry(t("export.open"), () => input.click()), input];
  }

  /** Sends a recording and goes to the page that shows it. */
  bring(file) {
    const { t } = this.view;
    return this.work(async (signal) => {
      this.tell(t("export.sending", { name: file.name }));
      const answer = await fetch(this.address("import"), { method: "POST", body: file, signal });
      const said = await answer.json().catch(() => ({}));
      if (!said.run) throw new Error(said.error ?? `HTTP ${answer.status}`);
      const query = new URLSearchParams(said.link);
      for (const [name, value] of new URLSearchParams(document.location.search)) if (KEPT.has(name)) query.set(name, value);
      query.set("recording", said.run);
      document.location.search = query;
    });
  }

  remove() {
    this.abort?.abort();
    document.removeEventListener("pointerdown", this.onPress);
    document.removeEventListener("keydown", this.onKey);
  }
}
