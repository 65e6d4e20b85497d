// Ties the parts together: connection -> store -> player -> charts, bar and words.
import { FormatError, decodeFrame, readSchema } from "./codec.js";
import { Gradients } from "./gradients.js";
import { Layout } from "./layout.js";
import { Learning, measuredValues } from "./learning.js";
import { Moments } from "./moments.js";
import { Banner, NoticeCard, WordsLine } from "./notices.js";
import { Painter } from "./painter.js";
import { Player } from "./player.js";
import { Ridgeline } from "./ridgeline.js";
import { Saturation } from "./saturation.js";
import { Scene } from "./scene.js";
import { Connection, appBase, liveUrl } from "./socket.js";
import { Store } from "./store.js";
import { attachPointer, Tooltip } from "./tooltip.js";
import { Transport } from "./transport.js";

const WORDS_EVERY = 250;
const BAR_EVERY = 100;

export class Viewer {
  constructor(parent, t, data) {
    this.t = t;
    this.host = parent.host ?? parent;
    this.base = appBase(data.base);
    this.store = new Store({ ask: (after, before) => this.send({ do: "backfill", after, before }) });
    this.player = new Player(this.store, (message) => this.send(message), () => this.changed());
    this.scene = new Scene(this, t);
    this.mirrored = {};
    this.error = "";
    this.connection = "connecting";
    this.build(parent);
    this.painter = new Painter(this);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  build(parent) {
    const { t, scene } = this;
    this.layout = new Layout(parent, t, () => this.restyle());
    const { root, grid } = this.layout;
    scene.readTheme(root);
    this.words = new WordsLine(root, scene);
    this.banner = new Banner(root, t);
    this.bar = new Transport(root, { t, player: this.player, store: this.store });
    this.notice = new NoticeCard(root, scene, () => this.player.again());
    root.append(grid);
    this.charts = [Ridgeline, Moments, Gradients, Saturation, Learning].map((Chart) => new Chart(grid, scene));
    this.pointer = attachPointer(root, new Tooltip(root), scene);
    root.dataset.lanes = "1";
    this.words.update(null, t("connection.connecting"));
    this.bar.update(false);
  }

  /** New data or a new theme from the page. */
  update(data) {
    this.restyle();
    requestAnimationFrame(() => this.restyle());
    const text = JSON.stringify(data.config ?? null);
    if (text === this.player.configText && this.link) return;
    this.player.wantsPlay = this.player.following && this.player.status === "running";
    this.player.configText = text;
    this.config = data.config ?? null;
    this.error = "";
    this.run = null;
    if (!this.link) this.connect();
    else this.send(this.hello());
  }

  connect() {
    this.link = new Connection(liveUrl(this.base), {
      hello: () => this.hello(),
      text: (message) => this.guard(() => this.receiveText(message)),
      binary: (buffer) => this.guard(() => this.receiveFrame(buffer)),
      changed: (state) => {
        this.connection = state;
        this.changed();
      },
    });
  }

  hello() {
    return { do: "open", config: this.config, run: this.run ?? null, after: this.run ? this.store.newest?.seq ?? -1 : -1 };
  }

  send(message) {
    return this.link?.send(message) ?? false;
  }

  /** Data that does not follow the format: say so and stop reading. */
  guard(read) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      console.error(`normviz: ${error.message}`);
      this.error = this.t("error.frame", { reason: error.message });
      this.connection = "lost";
      this.stopped = true;
      this.link.close();
      this.changed();
    }
  }

  receiveText(message) {
    if (message.is === "opened") this.opened(message);
    else if (message.is === "history") {
      this.store.live = true;
      this.player.historyDone();
    } else if (message.is === "state") this.receiveState(message);
    else if (message.is === "error") {
      const key = `error.${message.rule}`;
      const values = { rule: message.rule, ...message.values };
      this.error = this.t(this.t.has(key) ? key : this.t.has(`notice.${message.rule}`) ? `notice.${message.rule}` : "error.other", values);
      this.changed();
    }
  }

  opened({ run, how, schema }) {
    const resumed = how === "resumed" && run === this.run && this.scene.schema;
    this.run = run;
    this.error = "";
    this.connection = "open";
    if (resumed) return this.player.opened("resumed");
    if (!schema) return this.player.opened("new"); // it failed before its first frame
    this.scene.setSchema(readSchema(schema));
    this.store.clear();
    this.words.build(this.scene.schema);
    for (const chart of this.charts) chart.build(this.scene.schema);
    this.layout.root.dataset.lanes = String(this.scene.schema.lanes.length);
    this.painter.painted = null;
    this.player.opened(how === "joined" ? "joined" : "new");
    this.painter.all();
  }

  /** The state of the run that is open; what still comes of the one before it is not for this one. */
  receiveState(message) {
    const ours = this.run === null ? message.status === "failed" : message.run === this.run;
    if (!ours) return;
    const number = (value) => (Number.isFinite(value) ? value : 0);
    this.player.setState({
      status: String(message.status), step: number(message.step), steps: number(message.steps),
      rate: number(message.rate), watchers: number(message.watchers),
      notice: message.notice && typeof message.notice === "object" ? message.notice : null,
    });
    this.link.busy = message.status === "running";
    if (message.status !== "running") this.wordsAt = 0;
  }

  receiveFrame(buffer) {
    if (!this.scene.schema) return;
    const frame = decodeFrame(buffer, this.scene.schema);
    const measured = measuredValues(this.scene.schema, frame);
    if (measured) this.store.measured.add(frame.seq, frame.step, measured);
    this.player.received(this.store.add(frame));
    this.painter.request();
  }

  get paintable() {
    return Boolean(this.scene.schema);
  }

  /** Something that the screen shows changed: bar, words and notices at once. */
  changed() {
    this.barAt = this.wordsAt = 0;
    this.painter?.request();
  }

  restyle() {
    if (this.scene.readTheme(this.layout.root, this.layout.type)) {
      this.words?.color();
      this.layout.root.dataset.dark = this.scene.theme.dark ? "1" : "0";
      this.scene.theme.lanes.forEach((color, lane) => this.layout.root.style.setProperty(`--nv-lane${lane}`, color));
      this.painter?.all();
    }
  }

  /** After the charts: what is cheap but needs no thirty times a second. */
  afterPaint(fresh, now) {
    const { player } = this;
    if (fresh) this.painted = (this.painted ?? 0) + 1;
    const due = (at, every) => !at || now - at >= every;
    if (due(this.barAt, BAR_EVERY)) {
      this.barAt = now;
      this.bar.update(this.connection !== "refused" && !this.stopped && Boolean(this.scene.schema));
      this.banner.update(this.stopped ? "" : this.connection);
      this.notice.update(player.state, this.error);
      const cursor = player.shown && !player.following ? player.shown.step : null;
      for (const chart of this.charts) chart.placeCursor?.(cursor);
    }
    if (due(this.wordsAt, WORDS_EVERY)) {
      this.wordsAt = now;
      this.words.update(player.shown, this.connection === "refused" ? "" : this.t("connection.connecting"));
      this.pointer.refresh();
    }
    this.mirror();
  }

  /** State as attributes of the host element, for tests. */
  mirror() {
    const { player, store } = this;
    this.attribute("status", player.status);
    this.attribute("run", this.run ?? "");
    this.attribute("step", player.shown?.step ?? "");
    this.attribute("live-step", store.newest?.step ?? "");
    this.attribute("frames", this.painted ?? 0);
    this.attribute("received", store.received);
    this.attribute("kept", store.frames.length);
    this.attribute("following", player.following ? 1 : 0);
    this.attribute("connection", this.connection);
    this.attribute("lanes", this.scene.schema?.lanes.length ?? 0);
  }

  attribute(name, value) {
    if (this.mirrored[name] === value) return;
    this.mirrored[name] = value;
    this.host.setAttribute(`data-${name}`, String(value));
  }

  /** Space plays and pauses, unless the keyboard is busy with a control of the page. */
  key(event) {
    if (event.key !== " " || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.composedPath()[0];
    const own = event.composedPath().includes(this.layout.root);
    const control = /^(BUTTON|SELECT|TEXTAREA|A|INPUT)$/.test(target.tagName ?? "") && target.type !== "range";
    if (control || target.isContentEditable || (!own && target !== document.body)) return;
    event.preventDefault();
    if (!this.bar.train.disabled) this.player.toggle();
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
    this.painter.close();
    this.store.clear();
    this.link?.close();
    this.scene.close();
    this.layout.close();
  }
}
