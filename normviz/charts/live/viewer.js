// Ties the parts together: connection -> store -> player -> charts, bar and words.
import { FormatError, decodeFrame, readSchema } from "./codec.js";
import { element, say } from "./card.js";
import { Curve } from "./curve.js";
import { DiagnosisCard } from "./diagnosis.js";
import { Shift } from "./drift.js";
import { Export } from "./export.js";
import { Gradients } from "./gradients.js";
import { Help, Keyboard } from "./keys.js";
import { Layout } from "./layout.js";
import { Learning, measuredValues } from "./learning.js";
import { Moments } from "./moments.js";
import { Banner, NoticeCard, WordsLine } from "./notices.js";
import { Painter } from "./painter.js";
import { Player } from "./player.js";
import { Projector } from "./projector.js";
import { Ridgeline } from "./ridgeline.js";
import { Room } from "./room.js";
import { Saturation } from "./saturation.js";
import { Scene } from "./scene.js";
import { choose } from "./selection.js";
import { Connection, appBase, socketUrl } from "./socket.js";
import { Speaker } from "./speaker.js";
import { Store } from "./store.js";
import { Surface } from "./surface.js";
import { translate } from "./terms.js";
import { attachPointer, Tooltip } from "./tooltip.js";
import { Transport } from "./transport.js";
import { ViewStrip } from "./viewstrip.js";

const WORDS_EVERY = 500;
const BAR_EVERY = 100;

export class Viewer {
  constructor(parent, t, data) {
    this.t = t;
    this.host = parent.host ?? parent;
    this.base = appBase(data.base);
    this.store = new Store({ ask: (after, before) => this.send({ do: "backfill", after, before }) });
    this.player = new Player(this.store, (message) => this.send(message), () => this.changed());
    this.scene = new Scene(this, t);
    this.closed = new Set();
    this.mirrored = {};
    this.error = "";
    this.connection = "connecting";
    this.closing = ""; // what a server has said that is about to end
    this.build(parent);
    this.painter = new Painter(this);
  }

  build(parent) {
    const { t, scene } = this;
    this.layout = new Layout(parent, t, () => this.restyle());
    const { root, grid } = this.layout;
    scene.readTheme(root);
    this.projector = new Projector(this.layout);
    const top = element("div", "top");
    root.append(top);
    this.words = new WordsLine(top, scene);
    this.strip = new ViewStrip(top, this);
    this.aloud = element("p", "aloud");
    this.aloud.setAttribute("role", "status");
    root.append(this.aloud);
    this.banner = new Banner(root, t);
    this.room = new Room(this, root);
    this.bar = new Transport(root, { t, player: this.player, store: this.store, change: (step) => this.askChange(step), held: () => this.room.follows });
    this.export = new Export(this.bar.element, this);
    this.notice = new NoticeCard(root, scene, () => this.player.again(), (message) => this.send(message));
    this.diagnosis = new DiagnosisCard(root, scene, (asked) => this.askAttempt(asked));
    root.append(grid);
    this.charts = [Ridgeline, Moments, Gradients, Saturation, Learning].map((Chart) => new Chart(grid, scene));
    this.charts.push(new Shift(grid, scene, this.charts[2]));
    this.charts.push(new Surface(grid, scene, this.charts[0].select));
    this.charts.push(new Curve(grid, scene));
    this.keyboard = new Keyboard(this);
    this.help = new Help(root, t, this.keyboard);
    this.speaker = new Speaker(this);
    this.pointer = attachPointer(root, new Tooltip(root), scene);
    root.dataset.lanes = "1";
    this.words.update(null, t("connection.connecting"));
    this.bar.update(false);
  }

  /** New data or a new theme from the page. */
  update(data) {
    this.restyle();
    requestAnimationFrame(() => this.restyle());
    if (data.view !== this.opensAs) {
      this.opensAs = data.view; // as the link says; after that it is the keys' and the buttons'
      this.project(data.view === "projector");
    }
    this.closed = new Set(data.closed ?? []); // what this link does not offer
    this.bar.change.hidden = this.closed.has("changes");
    this.until = data.until ?? null;
    this.choose(data.charts ?? []);
    this.point(data.control ?? "");
    if (this.room.update(data.room ?? null)) return; // another page says what is open here
    if (JSON.stringify(data.config ?? null) === this.player.configText && this.link) return;
    this.player.wantsPlay = this.changing || (this.player.following && this.player.underWay);
    this.changing = false;
    this.recording = data.recording ?? ""; // a run that came with a file
    this.open(data.config ?? null);
  }

  /** Opens the run of a configuration; the one of this id, if it is still kept. */
  open(config, run = "") {
    this.player.configText = JSON.stringify(config);
    this.config = config;
    this.wanted = run;
    this.error = "";
    this.run = null;
    if (!this.link) this.connect();
    else this.send(this.hello());
    this.room.tell();
  }

  /** Which charts the page wants to see; none: all. */
  choose(names) {
    const text = names.join();
    if (text === this.chosen) return;
    this.chosen = text;
    choose(this.layout, this.charts, names);
    this.painter?.all();
  }

  /** Brings a control of the page into sight, once: what a link points at. */
  point(name) {
    if (name === (this.pointed ?? "")) return;
    this.pointed = name;
    if (name) document.querySelector(`.st-key-${CSS.escape(name)}`)?.scrollIntoView({ block: "center" });
  }

  /** Tells the page, once a run, that it has come as far as the page waits for, or is over. */
  reach() {
    const { newest } = this.store;
    if (!this.until || !this.run || this.told === this.run || !newest) return;
    if (newest.step < this.until && !this.player.over) return;
    this.told = this.run;
    this.page("reached", { run: this.run, step: newest.step });
  }

  /** Asks the page what is to change after a step; the run that comes of it starts by itself. */
  askChange(step) {
    this.changing = true;
    this.page("change", step);
  }

  /** Asks the page for a new lane with these changes; the run that comes of it starts by itself. */
  askAttempt(asked) {
    this.changing = true;
    this.page("attempt", asked);
  }

  connect() {
    this.link = new Connection(socketUrl("nv/live", this.base), {
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
    return { do: "open", config: this.config, run: this.run ?? (this.recording || this.wanted || null), beside: this.room.beside, server: this.server, after: this.run ? this.store.newest?.seq ?? -1 : -1 };
  }

  send(message) {
    return this.room.takes(message) ?? this.link?.send(message) ?? false;
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
      this.room.place();
    } else if (message.is === "state") this.receiveState(message);
    else if (message.is === "download") this.receiveDownload(message);
    else if (message.is === "closing") {
      this.closing = message.kept ? "closing.kept" : "closing";
      this.changed();
    } else if (message.is === "error") {
      this.player.refused();
      const key = `error.${message.rule}`;
      const values = { rule: message.rule, ...message.values };
      this.error = this.t(this.t.has(key) ? key : this.t.has(`notice.${message.rule}`) ? `notice.${message.rule}` : "error.other", values);
      this.changed();
    }
  }

  opened({ run, server, how, schema }) {
    const same = run === this.run && this.scene.schema;
    const resumed = how === "resumed" && same;
    this.run = run;
    this.server = server; // its frames are known there
    this.closing = "";
    this.error = this.recording && run !== this.recording ? this.t("error.recording") : "";
    this.recording = "";
    this.connection = "open";
    if (resumed) return this.player.opened("resumed");
    if (!schema) return this.player.opened("new"); // it failed before its first frame
    this.scene.setSchema(translate(readSchema(schema), this.t));
    const models = new Set(this.scene.recorded.lanes.map(({ model }) => model));
    this.t.model = models.size === 1 ? [...models][0] : "";
    this.store.clear();
    this.words.build(this.scene.recorded);
    this.buildCharts();
    this.painter.painted = null;
    this.player.opened(how === "joined" ? "joined" : "new", Boolean(same));
    this.room.apply();
    this.painter.all();
  }

  /** The charts of the drawn lanes. */
  buildCharts() {
    const { scene } = this;
    for (const chart of this.charts) chart.build(scene.schema);
    this.layout.root.dataset.lanes = String(scene.schema.lanes.length);
    this.words.mark(scene.solo);
    this.strip.update();
  }

  /** Draws other lanes, or the same ones otherwise, and says so aloud. */
  showLanes(difference, solo, words, values) {
    const { scene, t } = this;
    if (!(scene.recorded?.lanes.length > 1)) return say(this.aloud, t("views.said.one"));
    scene.setLanes(difference, solo);
    this.buildCharts();
    this.changed();
    this.painter.all();
    say(this.aloud, t(words, values ?? { against: scene.difference ? scene.against : "" }));
  }

  /** One lane alone, or all again if it is already. */
  showLane(lane) {
    const { scene, t } = this;
    const name = scene.recorded?.lanes[lane]?.name;
    if (name === undefined || this.room.follows) return;
    if (scene.difference && lane === 0) return say(this.aloud, t("views.said.base", { lane: name }));
    const solo = scene.solo === lane ? null : lane;
    this.showLanes(scene.wantsDifference, solo, solo === null ? "views.said.all" : "views.said.lane", { lane: name });
  }

  showDifference(difference) {
    const { scene } = this;
    if (this.room.follows) return;
    const solo = difference ? scene.solo || null : scene.solo;
    this.showLanes(difference, solo, difference ? "views.said.difference" : "views.said.all");
  }

  /** Projector mode on or off. */
  project(on) {
    if (on === this.projector.on) return;
    this.projector.set(on);
    this.strip.update();
    say(this.aloud, this.t(on ? "views.said.projector" : "views.said.page"));
    this.changed();
  }

  /** After a key has moved the shown step. */
  stepTo() {
    const { shown } = this.player;
    if (shown) say(this.aloud, this.t("tip.step", { step: shown.step }));
  }

  /** The state of the run that is open; what still comes of the one before it is not for this one. */
  receiveState(message) {
    const ours = this.run === null ? ["starting", "failed"].includes(message.status) : message.run === this.run;
    if (!ours) return;
    const number = (value) => (Number.isFinite(value) ? value : 0);
    this.player.setState({
      status: String(message.status), step: number(message.step), steps: number(message.steps),
      rate: number(message.rate), watchers: number(message.watchers),
      notice: message.notice && typeof message.notice === "object" ? message.notice : null,
      queue: placed(message.queue),
    });
    this.link.busy = message.status === "running";
    if (message.status !== "running") this.wordsAt = 0;
    this.reach();
  }

  /** How a download goes; when it is done, the run that waits for it opens. */
  receiveDownload(message) {
    this.download = message;
    const { notice } = this.player.state;
    if (message.stage === "done" && notice?.values?.dataset === message.dataset) this.send(this.hello());
    this.changed();
  }

  receiveFrame(buffer) {
    if (!this.scene.schema) return;
    const { recorded } = this.scene;
    const frame = decodeFrame(buffer, recorded);
    const measured = measuredValues(recorded, frame);
    if (measured) this.store.measured.add(frame.seq, frame.step, measured);
    this.player.received(this.store.add(frame));
    this.room.place();
    this.reach();
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
    const { root, type } = this.layout;
    const changed = this.scene.readTheme(root, type); // the first time it was read while the view was built
    if (changed || !root.dataset.dark) {
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
    if (this.due("bar", BAR_EVERY, now)) {
      this.bar.update(this.connection !== "refused" && !this.stopped && Boolean(this.scene.schema));
      this.banner.update(this.stopped ? "" : this.connection, this.stopped ? "" : this.closing, player.state.queue);
      this.notice.update(player.state, this.error, this.download);
      const cursor = player.shown && !player.following ? player.shown.step : null;
      for (const chart of this.charts) chart.placeCursor?.(cursor);
    }
    if (this.due("words", WORDS_EVERY, now)) {
      this.words.update(player.shown, this.connection === "refused" || ["failed", "diverged"].includes(player.status) ? "" : this.t("connection.connecting"));
      this.diagnosis.update(player.shown, player.state.notice, player.shown === this.store.newest);
      this.pointer.refresh();
    }
    this.speaker.update(now);
    this.mirror();
  }

  /** Is it time for the bar, or the words, again? What has news and must wait is asked for later: no frame may follow. */
  due(name, every, now) {
    const at = this[`${name}At`];
    const left = at ? every - (now - at) : 0;
    if (left > 0) {
      if (this[`${name}Shown`] !== this.player.shown) this.painter.later(left);
      return false;
    }
    this[`${name}At`] = now;
    this[`${name}Shown`] = this.player.shown;
    return true;
  }

  /** State as attributes of the host element, for tests. */
  mirror() {
    const { player, store, room } = this;
    room.tell();
    this.attribute("room", room.part);
    this.attribute("people", room.people.follow + room.people.explore);
    this.attribute("status", player.status);
    this.attribute("run", this.run ?? "");
    this.attribute("step", player.shown?.step ?? "");
    this.attribute("live-step", store.newest?.step ?? "");
    this.attribute("frames", this.painted ?? 0);
    this.attribute("received", store.received);
    this.attribute("kept", store.frames.length);
    this.attribute("following", player.following ? 1 : 0);
    this.attribute("connection", this.connection);
    this.attribute("lanes", this.scene.recorded?.lanes.length ?? 0);
    this.attribute("drawn", (this.scene.schema?.lanes ?? []).map(({ name }) => name).join(", "));
    this.attribute("projector", this.projector.on ? 1 : 0);
  }

  attribute(name, value) {
    if (this.mirrored[name] === value) return;
    this.mirrored[name] = value;
    this.host.setAttribute(`data-${name}`, String(value));
  }

  close() {
    this.room.close();
    this.keyboard.close();
    this.projector.close();
    this.export.remove();
    this.painter.close();
    this.store.clear();
    this.link?.close();
    this.scene.close();
    this.layout.close();
  }
}

/** Where a run waits, as whole numbers; null when it does not, or when that cannot be read. */
function placed(queue) {
  const numbers = [queue?.place, queue?.of, queue?.seconds];
  return numbers.every((each) => Number.isFinite(each)) ? { place: queue.place, of: queue.of, seconds: queue.seconds } : null;
}
