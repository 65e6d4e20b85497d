// A room: the leading page says what it shows, the following pages show it, and whoever explores shows something else.
import { QuestionPanel, pageNumber } from "./question.js";
import { RoomBar } from "./roombar.js";
import { nearestByStep } from "./scale.js";
import { Connection, socketUrl } from "./socket.js";

export const LEAD = "lead";
export const FOLLOW = "follow";
export const EXPLORE = "explore";

/** Milliseconds between two messages of the leading page, at least: a slider that is dragged says more. */
const TELL_EVERY = 100;
/** What trains, or starts anew: the leading page alone does that to the room's run. */
const STEERS = new Set(["play", "pause", "step", "reset", "again"]);
/** What begins a run of its own anyway. */
const STARTS = new Set(["reset", "again"]);

/** Remembers in this tab which room it leads, so that a reload goes on. Another tab, or a link, knows nothing of it. */
export const leading = {
  key: "normviz.room",
  get() {
    try {
      const { code, key } = JSON.parse(sessionStorage.getItem(this.key)) ?? {};
      return typeof code === "string" && typeof key === "string" ? { code, key } : null;
    } catch {
      return null;
    }
  },
  set(room) {
    try {
      if (room) sessionStorage.setItem(this.key, JSON.stringify(room));
      else sessionStorage.removeItem(this.key);
    } catch {
      // storage may be forbidden; then a reload leads no more
    }
  },
};

export class Room {
  /** `view` is the live view; `connect(url, on)` makes the connection. */
  constructor(view, parent, connect = (url, on) => new Connection(url, on), remember = leading, number = pageNumber) {
    Object.assign(this, { view, connect, remember });
    this.page = number.get();
    this.bar = new RoomBar(parent, this, view.t);
    this.question = new QuestionPanel(parent, this, view.t);
    this.leave();
  }

  leave() {
    clearTimeout(this.timer);
    this.timer = null;
    this.link?.close();
    this.link = null;
    this.code = this.part = this.key = this.text = "";
    this.shown = null; // what the leading page shows
    this.question.set(null);
    this.led = true; // is there a leading page?
    this.people = { follow: 0, explore: 0 };
    this.over = null; // the key of the words that say why it is over, with their values
    this.connection = "connecting";
    this.told = "";
    this.toldAt = -Infinity;
  }

  /** Does this page show what another one says? */
  get follows() {
    return this.part === FOLLOW;
  }

  /** The run that this page may not train, because it is the lecturer's. */
  get beside() {
    return this.part === EXPLORE ? this.shown?.run ?? "" : "";
  }

  /** The room that the page is in, null when in none. True when the room says what is open here. */
  update(room) {
    const text = JSON.stringify(room);
    if (text === this.text) return this.follows;
    const same = Boolean(room) && room.code === this.code && room.part !== LEAD && this.part !== LEAD && this.link !== null;
    if (!same) this.leave();
    this.text = text;
    if (!room) this.recall();
    else {
      this.code = room.code;
      this.part = room.part;
      this.key = room.key ?? "";
      if (this.part === LEAD) this.remember.set({ code: this.code, key: this.key });
      if (same) this.link.send(this.hello());
      else this.open();
    }
    this.view.layout.root.dataset.room = this.part;
    this.bar.set(room);
    if (this.follows) this.apply();
    this.changed();
    return this.follows;
  }

  /** A page that led a room before it was loaded anew asks to lead it again. */
  recall() {
    const room = this.remember.get();
    if (!room) return;
    this.remember.set(null); // until the page around says that it does
    this.ask({ do: LEAD, ...room });
  }

  open() {
    this.link = this.connect(socketUrl("nv/room", this.view.base), {
      hello: () => this.hello(),
      text: (message) => this.receive(message),
      binary: () => {},
      changed: (state) => {
        this.connection = state;
        this.changed();
      },
    });
  }

  hello() {
    return { do: "enter", as: this.part, code: this.code, key: this.key, page: this.page };
  }

  receive(message) {
    if (message.is === "entered") {
      this.told = "";
      this.tell();
    } else if (message.is === "people") this.people = { follow: message.follow, explore: message.explore };
    else if (message.is === "shown") {
      this.led = message.led;
      this.shown = message.shown;
      this.apply();
    } else if (message.is === "asked") this.question.set(message);
    else if (message.is === "unasked") this.question.set(null);
    else if (message.is === "ended") this.finish(`room.ended.${message.why}`);
    else if (message.is === "error") this.refuse(message);
    this.changed();
  }

  /** A message of the leading page that was refused changes nothing; a room that cannot be entered is over here. */
  refuse({ rule, values }) {
    if (rule.startsWith("room_") || rule === "no_room") this.finish(`room.error.${rule}`, values);
    else console.error(`normviz: the room refused a message: ${values?.text}`);
  }

  finish(words, values) {
    this.over = { words, values };
    this.remember.set(null);
    this.link?.close();
    this.link = null;
  }

  // -- the leading page ----------------------------------------------------------------------------------------------

  /** What this page shows. */
  here() {
    const { config, run, player, scene } = this.view;
    const step = player.following || !player.shown ? null : player.shown.step;
    return { config, run: run ?? "", step, difference: scene.wantsDifference, solo: scene.solo };
  }

  /** Says what this page shows, if that is new; at most ten times a second. */
  tell() {
    if (this.part !== LEAD || !this.link || !this.view.config) return;
    const here = this.here();
    const text = JSON.stringify(here);
    if (text === this.told) return;
    const wait = TELL_EVERY - (performance.now() - this.toldAt);
    if (wait > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.tell();
      }, wait);
    } else if (this.link.send({ do: "show", ...here })) {
      this.told = text;
      this.toldAt = performance.now();
    }
  }

  end() {
    this.say({ do: "end" });
  }

  /** Tells the room something; false when there is no connection. */
  say(message) {
    return this.link?.send(message) ?? false;
  }

  /** Shows the class its answers; the run of a lesson that was asked opens, and starts by itself. */
  reveal(lesson) {
    this.say({ do: "reveal" });
    if (!lesson) return;
    this.view.changing = true;
    this.ask({ do: "reveal" });
  }

  // -- following pages -----------------------------------------------------------------------------------------------

  /** Shows what the leading page shows. */
  apply() {
    const { shown, view } = this;
    if (!this.follows || !shown) return;
    const { config, run } = shown;
    const other = run && view.run && run !== view.run && run !== view.wanted;
    if (!view.link || JSON.stringify(config) !== view.player.configText || other) view.open(config, run);
    this.place();
    this.showLanes();
  }

  /** The step that the leading page holds, or the newest. */
  place() {
    const { player, store } = this.view;
    if (!this.follows || !this.shown || !store.frames.length) return;
    const { step } = this.shown;
    if (step === null) {
      if (!player.following || player.shown !== store.newest) player.follow();
      return;
    }
    const frame = store.frames[nearestByStep(store.frames, step)];
    if (frame !== player.shown || player.following) player.show(frame);
  }

  showLanes() {
    const { shown, view } = this;
    const { scene } = view;
    if (!(scene.recorded?.lanes.length > 1)) return;
    const solo = shown.solo < scene.recorded.lanes.length ? shown.solo : null;
    if (scene.wantsDifference === shown.difference && scene.solo === solo) return;
    const said = shown.difference ? "views.said.difference" : solo === null ? "views.said.all" : "views.said.lane";
    view.showLanes(shown.difference, solo, said, shown.difference ? undefined : { lane: scene.recorded.lanes[solo]?.name });
  }

  // -- every page ----------------------------------------------------------------------------------------------------

  /**
   * Takes what this page would say of the run, where it may not: true when nothing is to be done, false when it will be,
   * undefined when the page may say it. Who follows steers nothing. Who explores leaves the lecturer's run as it is, and
   * trains one of its own in the place of it.
   */
  takes({ do: verb }) {
    const { view } = this;
    if (!STEERS.has(verb) || this.over) return undefined;
    if (this.follows) return true;
    if (!this.beside || view.run !== this.beside || STARTS.has(verb)) return undefined;
    if (verb === "pause" || view.player.underWay) return true;
    view.player.wantsPlay = true;
    view.open(view.config);
    return false;
  }

  /** What the page around the view is asked for: to explore from here, to follow again, to lead or to leave. */
  ask(wish) {
    this.view.page("room", { ...wish, config: this.shown?.config ?? this.view.config ?? null });
  }

  changed() {
    this.bar.update();
    this.view.changed();
  }

  close() {
    this.leave();
    this.bar.close();
    this.question.close();
  }
}
