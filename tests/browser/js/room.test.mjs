import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../../normviz/charts/live/player.js";
import { Store } from "../../../normviz/charts/live/store.js";
import { page } from "./page.mjs";

globalThis.document = page();
globalThis.performance ??= { now: () => 0 };
const { Room } = await import("../../../normviz/charts/live/room.js");

const NET = { lane: { norm: "none" }, steps: 100 };
const OTHER = { lane: { norm: "batch" }, steps: 100 };

/** A view as a room needs it, a connection that remembers what is said, and what the page around was asked. */
function setUp({ remembered = null, lanes = 1 } = {}) {
  const asked = [];
  const links = [];
  const store = new Store();
  const view = {
    base: "http://lab.example/", config: null, run: null, wanted: "", link: null, opened: [], asked, said: [], store,
    t: Object.assign((key) => key, { has: () => true }),
    layout: { root: { dataset: {} } },
    scene: { wantsDifference: false, solo: null, recorded: { lanes: Array.from({ length: lanes }, (_, i) => ({ name: "AB"[i] })) } },
    player: new Player(store, (message) => view.said.push(message) > 0, () => {}, { get: () => null, set: () => {} }),
    page: (name, wish) => asked.push([name, wish]),
    changed: () => {},
    open(config, run = "") {
      Object.assign(view, { config, run: null, wanted: run, link: {} });
      view.player.configText = JSON.stringify(config);
      view.opened.push([config, run]);
    },
    showLanes(difference, solo) {
      Object.assign(view.scene, { wantsDifference: difference, solo });
    },
  };
  const kept = { room: remembered, get: () => kept.room, set: (room) => (kept.room = room) };
  const connect = (url, on) => {
    const link = { url, on, sent: [], closed: false, send: (message) => link.sent.push(message) > 0, close: () => (link.closed = true) };
    links.push(link);
    return link;
  };
  const room = new Room(view, document.createElement("div"), connect, kept, { get: () => "p1" });
  return { room, view, links, asked, kept, store, player: view.player };
}

/** Frames of a run that the view has, up to this many. */
function record({ view, store, player, room }, run, count) {
  view.run = run;
  store.clear();
  for (let seq = 0; seq < count; seq++) player.received(store.add({ seq, step: seq * 10 }));
  player.historyDone();
  room.place();
}

const shows = (more) => ({ is: "shown", led: true, shown: { config: NET, run: "r1", step: null, difference: false, solo: null, ...more } });
const rejoined = (room, part) => room.update({ code: "K7MXR", part });

test("a page in no room opens what its own page says", () => {
  const { room, links, view } = setUp();
  assert.equal(room.update(null), false);
  assert.equal(links.length, 0);
  assert.equal(room.takes({ do: "play" }), undefined);
  assert.equal(view.layout.root.dataset.room, "");
});

test("who follows opens what is shown, and holds its step or the newest", () => {
  const all = setUp();
  const { room, view, links, player, store } = all;
  assert.equal(rejoined(room, "follow"), true);
  assert.deepEqual(links[0].on.hello(), { do: "enter", as: "follow", code: "K7MXR", key: "", page: "p1" });
  assert.equal(new URL(links[0].url).pathname, "/nv/room");
  assert.deepEqual(view.opened, []);
  links[0].on.text(shows({ step: 20 }));
  assert.deepEqual(view.opened, [[NET, "r1"]]);
  record(all, "r1", 6);
  assert.deepEqual([player.shown.step, player.following], [20, false]);
  links[0].on.text(shows({ step: null }));
  assert.deepEqual([player.shown, player.following], [store.newest, true]);
  links[0].on.text(shows({ step: 0 }));
  assert.equal(player.shown.step, 0);
  links[0].on.text(shows({ config: OTHER, run: "" }));
  assert.deepEqual(view.opened.at(-1), [OTHER, ""]);
});

test("a step that has not come yet is shown as soon as it comes", () => {
  const all = setUp();
  rejoined(all.room, "follow");
  all.links[0].on.text(shows({ step: 80 }));
  record(all, "r1", 3);
  assert.equal(all.player.shown.step, 20);
  record(all, "r1", 12);
  assert.equal(all.player.shown.step, 80);
});

test("the same configuration in another run, after a reset, is opened by its id, once", () => {
  const all = setUp();
  rejoined(all.room, "follow");
  all.links[0].on.text(shows());
  record(all, "r1", 3);
  all.links[0].on.text(shows({ run: "" }));
  assert.equal(all.view.opened.length, 1);
  all.links[0].on.text(shows({ run: "r2" }));
  assert.deepEqual(all.view.opened.at(-1), [NET, "r2"]);
  all.view.run = "r9"; // the server does not know it any more
  all.room.apply();
  assert.equal(all.view.opened.length, 2);
});

test("who follows steers nothing", () => {
  const { room } = setUp();
  rejoined(room, "follow");
  for (const verb of ["play", "pause", "step", "reset", "again"]) assert.equal(room.takes({ do: verb }), true, verb);
  for (const verb of ["open", "backfill"]) assert.equal(room.takes({ do: verb }), undefined, verb);
});

test("the lanes are drawn as the leading page draws them, as far as there are such", () => {
  const all = setUp({ lanes: 2 });
  const { room, links, view } = all;
  rejoined(room, "follow");
  links[0].on.text(shows({ difference: true, solo: 1 }));
  assert.deepEqual([view.scene.wantsDifference, view.scene.solo], [true, 1]);
  links[0].on.text(shows({ solo: 3 }));
  assert.deepEqual([view.scene.wantsDifference, view.scene.solo], [false, null]);
});

test("who explores keeps the connection, is led no more, and trains a run of its own in the place of the lecturer's", () => {
  const all = setUp();
  const { room, links, view, player } = all;
  rejoined(room, "follow");
  links[0].on.text(shows());
  record(all, "r1", 3);
  assert.equal(rejoined(room, "explore"), false);
  assert.equal(links.length, 1);
  assert.equal(links[0].sent.at(-1).as, "explore");
  links[0].on.text(shows({ config: OTHER, run: "r5", step: 0 }));
  assert.equal(view.opened.length, 1);
  links[0].on.text(shows());
  assert.equal(room.takes({ do: "pause" }), true, "the lecturer's run goes on");
  player.setState({ ...player.state, status: "running" });
  assert.equal(room.takes({ do: "play" }), true, "it is followed as it trains");
  assert.equal(view.opened.length, 1);
  player.setState({ ...player.state, status: "paused" });
  assert.equal(room.takes({ do: "reset" }), undefined);
  assert.equal(room.takes({ do: "play" }), false);
  assert.equal(room.beside, "r1");
  assert.deepEqual(view.opened.at(-1), [NET, ""]);
  assert.equal(player.wantsPlay, true);
  view.run = "r2"; // that one is the student's
  assert.equal(room.takes({ do: "play" }), undefined);
  assert.equal(rejoined(room, "follow"), true);
  assert.deepEqual(view.opened.at(-1), [NET, "r1"]);
});

test("the leading page says what it shows when that is new, and again after it has lost the connection", () => {
  const all = setUp();
  const { room, links, view, kept, player } = all;
  view.open(NET);
  assert.equal(room.update({ code: "K7MXR", part: "lead", key: "secret", link: "http://lab.example/?room=K7MXR" }), false);
  assert.deepEqual(kept.room, { code: "K7MXR", key: "secret" });
  assert.equal(links[0].on.hello().key, "secret");
  links[0].on.text({ is: "entered", code: "K7MXR", as: "lead" });
  const last = () => links[0].sent.at(-1);
  assert.deepEqual(last(), { do: "show", config: NET, run: "", step: null, difference: false, solo: null });
  room.toldAt = -Infinity;
  record(all, "r1", 5);
  player.show(all.store.frames[2]);
  room.tell();
  assert.deepEqual([last().run, last().step], ["r1", 20]);
  const count = links[0].sent.length;
  room.toldAt = -Infinity;
  room.tell();
  assert.equal(links[0].sent.length, count);
  room.toldAt = -Infinity;
  links[0].on.text({ is: "entered", code: "K7MXR", as: "lead" });
  assert.equal(links[0].sent.length, count + 1);
  room.close();
});

test("a slider that is dragged says ten times a second where it is, and where it stops", async () => {
  const all = setUp();
  const { room, links, view, player, store } = all;
  view.open(NET);
  room.update({ code: "K7MXR", part: "lead", key: "secret" });
  links[0].on.text({ is: "entered", code: "K7MXR", as: "lead" });
  record(all, "r1", 60);
  for (const frame of store.frames) {
    player.show(frame);
    room.tell();
  }
  await new Promise((resolve) => setTimeout(resolve, 150));
  const steps = links[0].sent.map(({ step }) => step);
  assert.ok(steps.length <= 3, `${steps.length} messages`);
  assert.equal(steps.at(-1), 590);
  room.close();
});

test("a tab that led a room asks to lead it again, once; another tab knows nothing of it", () => {
  const { room, asked, kept } = setUp({ remembered: { code: "K7MXR", key: "secret" } });
  room.update(null);
  assert.deepEqual(asked, [["room", { do: "lead", code: "K7MXR", key: "secret", config: null }]]);
  assert.equal(kept.room, null);
  const other = setUp();
  other.room.update(null);
  assert.deepEqual(other.asked, []);
});

for (const [message, words] of [
  [{ is: "ended", why: "end" }, "room.ended.end"],
  [{ is: "ended", why: "away" }, "room.ended.away"],
  [{ is: "error", rule: "no_room", values: {} }, "room.error.no_room"],
  [{ is: "error", rule: "room_full", values: {} }, "room.error.room_full"],
]) {
  test(`a room that is over says so (${words}), is not entered again, and the page may go on by itself`, () => {
    const { room, links, kept, asked } = setUp();
    rejoined(room, "follow");
    links[0].on.text(message);
    assert.equal(links[0].closed, true);
    assert.equal(room.link, null);
    assert.equal(kept.room, null);
    assert.equal(room.bar.said.textContent, words);
    room.bar.leave.onclick();
    assert.equal(asked[0][1].do, "leave");
  });
}
