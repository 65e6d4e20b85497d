// A published figure: what its source says at once, and a button that runs it again on the server.
import { element, say } from "../live/card.js";
import { Connection, appBase } from "../live/socket.js";
import { readTheme } from "../live/theme.js";
import { Tooltip, attachPointer } from "../live/tooltip.js";
import { Chart } from "./chart.js";
import { Plane, farthest } from "./plane.js";
import { counts, makeTable } from "./table.js";

const WIDE = 700;
const TICK = 1000;

/** What the line beside the bar says; `now` are milliseconds since the state came. */
export function status(state, outcome, now, t) {
  const seconds = Math.round((state.seconds ?? 0) + now / 1000);
  switch (state.stage) {
    case "waiting":
      return t(state.place ? "state.waiting" : "state.waiting.next", { place: state.place });
    case "running": {
      if (!state.total) return t("state.starting", { seconds });
      const left = Math.round((state.seconds / state.done) * (state.total - state.done) - now / 1000);
      const known = state.done * 3 >= state.total && left > 0; // parts differ: after one seed all have been timed
      return t(known ? "state.left" : "state.running", { ...state, seconds, left });
    }
    case "failed":
      return t(`state.${state.reason}`, { detail: state.detail });
    case "done": {
      if (!outcome) return "";
      const [inside, judged] = counts(outcome.rows);
      return t("state.done", { inside, judged, seeds: outcome.seeds.length });
    }
    default:
      return "";
  }
}

export class Study {
  constructor(parent, t, settings) {
    Object.assign(this, { t, figure: settings.figure, charts: [], planes: [], published: null, outcome: null, state: null, error: "" });
    this.host = parent.host ?? parent;
    this.base = appBase(settings.base);
    this.scene = { type: 12, theme: null, several: false };
    this.build(parent);
    const url = new URL(`nv/study/${encodeURIComponent(this.figure)}`, this.base);
    if (settings.language) url.searchParams.set("language", settings.language);
    this.numbers.href = url.href;
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.link = new Connection(url.href, {
      hello: () => this.hello(),
      text: (message) => this.receive(message),
      binary: () => {},
      changed: (state) => this.connected(state),
    });
    this.timer = setInterval(() => this.tick(), TICK);
  }

  build(parent) {
    const { t } = this;
    this.sheets = ["../live/style.css", "style.css"].map((name) => {
      const sheet = element("link");
      sheet.rel = "stylesheet";
      sheet.href = new URL(name, import.meta.url).href;
      return sheet;
    });
    this.root = element("section", "normviz study");
    this.title = element("h3", "name");
    this.source = element("p", "source-of");
    this.about = element("p", "about");
    this.actions = element("div", "actions");
    this.run = this.button("button primary", () => this.ask("run"));
    this.cancel = this.button("button", () => this.ask("cancel"), t("cancel"));
    this.bar = element("progress", "bar-of");
    this.bar.setAttribute("aria-label", t("progress"));
    this.line = element("p", "state-of");
    this.aloud = element("p", "aloud");
    this.aloud.setAttribute("role", "status");
    this.numbers = element("a", "numbers-link", t("numbers"));
    this.numbers.target = "_blank";
    this.actions.append(this.run, this.cancel, this.bar, this.line);
    this.rows = element("div", "table-of");
    this.rows.tabIndex = 0; // it scrolls, by keys too
    this.rows.setAttribute("role", "region");
    this.rows.setAttribute("aria-label", t("table"));
    this.pictures = element("div", "plots planes");
    this.plots = element("div", "plots");
    this.key = element("p", "note", t("chart.key"));
    this.root.append(this.title, this.source, this.about, this.actions, this.aloud, this.rows, this.pictures, this.key, this.plots, this.numbers);
    this.title.hidden = this.rows.hidden = this.key.hidden = this.numbers.hidden = true; // until there is something to show
    parent.append(...this.sheets, this.root);
    attachPointer(this.root, new Tooltip(this.root), { setHighlight() {} });
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(this.root);
    this.show();
  }

  button(name, pressed, text = "") {
    const made = element("button", name, text);
    made.type = "button";
    made.onclick = pressed;
    return made;
  }

  /** After a lost connection: still wanted. */
  hello() {
    const wanted = this.state?.asked && ["waiting", "running"].includes(this.state.stage);
    return { do: wanted ? "run" : "look" };
  }

  ask(what) {
    this.cancelled = what === "cancel";
    this.link.send({ do: what });
  }

  connected(state) {
    this.error = state === "lost" ? this.t("connection.lost") : state === "refused" ? this.error : "";
    this.show();
  }

  receive(message) {
    if (message.is === "published") this.setPublished(message.published);
    else if (message.is === "outcome") this.setOutcome(message.outcome);
    else if (message.is === "state") {
      this.state = message;
      this.cameAt = performance.now();
    } else if (message.is === "error") this.error = message.text;
    this.show();
  }

  setPublished(published) {
    const { t } = this;
    this.published = published;
    say(this.title, published.title);
    this.title.hidden = false;
    say(this.source, t("source", published));
    say(this.about, published.about);
    this.root.setAttribute("aria-label", t("name.study", published));
    this.pictures.replaceChildren();
    this.plots.replaceChildren();
    this.rows.hidden = this.numbers.hidden = false;
    this.restyle();
    this.planes = published.planes.map((plane) => new Plane(this.pictures, plane, t, this.scene));
    this.charts = published.panels.map((panel) => new Chart(this.plots, panel, t, this.scene));
    this.setOutcome(null);
  }

  setOutcome(outcome) {
    this.outcome = outcome;
    const seeds = outcome?.seeds.length ?? this.state?.seeds ?? 3;
    this.rows.replaceChildren(makeTable(this.published, outcome, seeds, this.t));
    const found = outcome?.planes ?? [];
    const far = farthest([...this.planes.map(({ data }) => data.marks), ...found.map(({ points }) => points)]);
    this.planes.forEach((plane, i) => plane.update(found[i] ?? null, far));
    this.charts.forEach((chart, i) => chart.update(outcome?.panels[i] ?? null));
    this.key.hidden = this.charts.every((chart) => chart.element.hidden);
    this.resize();
  }

  /** Buttons, bar and line, as the state is. */
  show() {
    const { state, t } = this;
    const stage = state?.stage ?? "";
    const going = stage === "waiting" || stage === "running";
    this.run.hidden = !this.published || !state?.offered || stage === "done" || (going && state.asked);
    say(this.run, going ? t("join") : t("run", { seeds: state?.seeds ?? 3 }));
    this.cancel.hidden = !(going && state.asked);
    this.bar.hidden = !going;
    if (stage === "running" && state.total) {
      this.bar.max = state.total;
      this.bar.value = state.done;
    } else this.bar.removeAttribute("value");
    this.announce(stage);
    this.tick();
    this.host.setAttribute("data-study", this.published ? stage : "loading");
  }

  /** Says aloud what has changed, and not every second. */
  announce(stage) {
    const { state } = this;
    const key = `${stage} ${state?.refused} ${this.error} ${state?.place}`;
    if (key === this.announced) return;
    this.announced = key;
    say(this.aloud, this.text());
  }

  text() {
    const { state, t } = this;
    if (this.error) return this.error;
    if (!this.published || !state) return t("loading");
    if (state.refused) return state.refused;
    if (!state.offered && !this.outcome) return t("off");
    if (this.cancelled && state.stage === "cancelled") return t("state.cancelled");
    if (this.cancelled && !state.asked && state.others > 0) return t("state.withdrawn");
    return status(state, this.outcome, performance.now() - (this.cameAt ?? 0), t);
  }

  tick() {
    say(this.line, this.text());
  }

  restyle() {
    const theme = readTheme(this.root);
    if (theme.key === this.scene.theme?.key) return;
    this.scene.theme = theme;
    this.root.dataset.dark = theme.dark ? "1" : "0";
    for (const chart of [...this.planes, ...this.charts]) chart.restyle();
  }

  resize() {
    const wide = this.root.clientWidth >= WIDE;
    this.root.dataset.wide = wide ? "1" : "0";
    this.scene.type = wide ? 14 : 12;
    this.root.style.setProperty("--nv-type", `${this.scene.type}px`);
    this.restyle();
    for (const chart of [...this.planes, ...this.charts]) chart.resize();
  }

  close() {
    clearInterval(this.timer);
    this.watch.disconnect();
    this.link.close();
    this.root.remove();
    for (const sheet of this.sheets) sheet.remove();
  }
}
