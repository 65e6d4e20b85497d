import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../../normviz/charts/live/player.js";
import { Store } from "../../../normviz/charts/live/store.js";

function setUp({ frames = 5, how = "new", status = "ready", remembered = null, stride = 1 } = {}) {
  const sent = [];
  const store = new Store();
  const kept = { text: remembered, get: () => kept.text, set: (text) => (kept.text = text) };
  const player = new Player(store, (message) => Boolean(sent.push(message)), () => {}, kept);
  player.configText = "config";
  player.opened(how);
  for (let seq = 0; seq < frames; seq++) player.received(store.add({ seq, step: seq * stride }));
  player.historyDone();
  player.setState({ status, step: 4, steps: 100, rate: 0, notice: null });
  return { player, store, sent, kept };
}

test("a new run waits at its first frame; Train follows it", () => {
  const { player, sent, store } = setUp({ frames: 1 });
  assert.equal(player.following, false);
  assert.equal(player.invited, true);
  player.toggle();
  assert.deepEqual(sent, [{ do: "play", speed: 0 }]);
  assert.equal(player.playing, true);
  player.received(store.add({ seq: 1, step: 1 }));
  assert.equal(player.shown.seq, 1);
});

test("Pause holds the frame, the record goes on", () => {
  const { player, sent, store } = setUp({ status: "running" });
  player.play();
  player.pause();
  assert.deepEqual(sent.at(-1), { do: "pause" });
  player.received(store.add({ seq: 5, step: 5 }));
  assert.equal(player.shown.seq, 4);
  assert.equal(player.following, false);
});

test("a page that comes back to its run shows the step that it showed before", () => {
  const back = (seq, remembered = null) => {
    const { player, store, kept } = setUp({ frames: 100, stride: 10, status: "running" });
    player.play();
    player.pause();
    if (seq !== null) player.show(store.at(seq));
    kept.text = remembered;
    store.clear();
    player.opened("joined", true);
    for (let seq = 0; seq < 6; seq++) player.received(store.add({ seq, step: seq * 10 }));
    player.historyDone();
    return player;
  };
  const held = back(2);
  assert.equal(held.shown.step, 20);
  assert.equal(held.invited, false);
  assert.equal(held.back, true);
  const last = back(null); // what came after the last save is gone
  assert.equal(last.shown.step, 50);
  assert.equal(last.back, false);
});

test("who looks at an earlier step of a run that trains stays there when the connection is back, and it goes on", () => {
  for (const how of ["joined", "resumed"]) {
    const { player, store, sent } = setUp({ frames: 100, status: "running" });
    player.play();
    player.show(store.at(2));
    sent.length = 0;
    player.opened(how, true);
    player.historyDone();
    assert.deepEqual(sent, [{ do: "play", speed: 0 }]);
    assert.equal(player.shown.step, 2);
    assert.equal(player.following, false);
    player.pause();
    sent.length = 0;
    player.opened(how, true);
    assert.deepEqual(sent, []);
  }
});

test("joining shows the first frame, unless this tab was playing it before a reload", () => {
  assert.equal(setUp({ how: "joined", status: "running" }).player.shown.seq, 0);
  const { player, sent } = setUp({ how: "joined", status: "running", remembered: "config" });
  assert.equal(player.shown.seq, 4);
  assert.equal(player.following, true);
  assert.deepEqual(sent, [{ do: "play", speed: 0 }]);
});

test("a resumed connection asks to play again if it was playing", () => {
  const { player, sent } = setUp({ status: "running" });
  player.play();
  player.setState({ ...player.state, status: "running" });
  sent.length = 0;
  player.opened("resumed");
  assert.deepEqual(sent, [{ do: "play", speed: 0 }]);
});

test("Step goes through the record first, then trains", () => {
  const { player, sent, store } = setUp({ status: "paused" });
  player.show(store.frames[2]);
  player.step(1);
  assert.equal(player.shown.seq, 3);
  player.step(1);
  assert.deepEqual(sent, []);
  player.step(1);
  assert.deepEqual(sent, [{ do: "step", n: 1 }]);
  assert.equal(player.following, true);
});

test("+10 skips to the recorded frame ten steps on", () => {
  const { player, store } = setUp({ frames: 30, status: "paused" });
  player.show(store.frames[3]);
  player.step(10);
  assert.equal(player.shown.step, 13);
});

test("a finished run is replayed from the start, about thirty frames a second", () => {
  const { player, sent } = setUp({ status: "finished" });
  player.follow();
  player.play();
  assert.deepEqual(sent, []);
  assert.equal(player.shown.seq, 0);
  for (let now = 1000; player.replaying && now < 3000; now += 33) player.tick(now);
  assert.equal(player.shown.seq, 4);
  assert.equal(player.replaying, false);
});

test("a changed configuration goes on playing", () => {
  const { player, sent } = setUp({ status: "running" });
  player.play();
  player.wantsPlay = true;
  sent.length = 0;
  player.opened("new");
  assert.deepEqual(sent, [{ do: "play", speed: 0 }]);
  assert.equal(player.following, true);
});

test("Train pressed before the state is known replays a run that turns out to be over", () => {
  const { player, store } = setUp({ how: "joined", frames: 0 });
  player.opened("joined");
  player.received(store.add({ seq: 0, step: 0 }));
  player.play();
  for (let seq = 1; seq < 5; seq++) player.received(store.add({ seq, step: seq }));
  player.historyDone();
  player.setState({ status: "finished", step: 4, steps: 4, rate: 0, notice: null });
  assert.equal(player.replaying, true);
  assert.equal(player.shown.seq, 0);
});

test("gone back, Play replays the record and sends nothing; at its end a run that trains is followed", () => {
  const { player, sent, store } = setUp({ frames: 8, status: "running" });
  player.show(store.frames[2]);
  assert.equal(player.replays, true);
  player.play();
  assert.deepEqual(sent, []);
  for (let now = 0; player.replaying && now < 3000; now += 33) player.tick(now);
  assert.equal(player.shown.seq, 7);
  assert.equal(player.following, true);
  assert.equal(player.replays, false);
});

test("at the end of the record of a paused run it holds, and Play trains again", () => {
  const { player, sent, store } = setUp({ frames: 8, status: "paused" });
  player.show(store.frames[5]);
  player.play();
  for (let now = 0; player.replaying && now < 3000; now += 33) player.tick(now);
  assert.deepEqual([player.shown.seq, player.following, player.replays], [7, false, false]);
  player.play();
  assert.deepEqual(sent, [{ do: "play", speed: 0 }]);
});

test("paused a few frames behind the newest, Play goes on training", () => {
  const { player, sent, store } = setUp({ status: "running" });
  player.play();
  player.pause();
  player.received(store.add({ seq: 5, step: 5 }));
  assert.equal(player.replays, false);
  player.play();
  assert.deepEqual(sent.at(-1), { do: "play", speed: 0 });
});

for (const [speed, least, most] of [[0.25, 7, 8], [1, 29, 31], [4, 115, 125], [16, 299, 299]]) {
  test(`replay at ${speed} shows about ${30 * speed} recorded frames a second`, () => {
    const { player, store } = setUp({ frames: 300, status: "finished" });
    player.show(store.frames[0]);
    player.setReplaySpeed(speed);
    player.play();
    for (let now = 0; now <= 1000; now += 1000 / 60) player.tick(now);
    assert.ok(player.shown.seq >= least && player.shown.seq <= most, `frame ${player.shown.seq}`);
  });
}

test("a stall of the page does not skip through the record", () => {
  const { player, store } = setUp({ frames: 300, status: "finished" });
  player.show(store.frames[0]);
  player.play();
  player.tick(0);
  player.tick(60000);
  assert.ok(player.shown.seq <= 8);
});

test("one recorded frame back and forward, to the first and to the newest; there is nothing beyond", () => {
  const { player, store } = setUp({ status: "finished" });
  player.follow();
  player.beside(1);
  assert.equal(player.following, true);
  player.beside(-1);
  assert.deepEqual([player.shown.seq, player.following], [3, false]);
  player.first();
  player.beside(-1);
  assert.equal(player.shown, store.frames[0]);
  player.follow();
  assert.equal(player.shown, store.newest);
});

test("a run that waits for its turn is under way: Pause ends the waiting, a new connection asks again", () => {
  const { player, sent } = setUp({ frames: 1 });
  player.play();
  player.setState({ ...player.state, status: "queued" });
  assert.equal(player.playing, true);
  sent.length = 0;
  player.opened("resumed");
  assert.deepEqual(sent, [{ do: "play", speed: 0 }]);
  player.setState({ ...player.state, status: "queued" });
  player.toggle();
  assert.deepEqual(sent.at(-1), { do: "pause" });
});

test("what the server refuses is not asked for any more", () => {
  const { player } = setUp({ frames: 1 });
  player.play();
  player.refused();
  assert.equal(player.playing, false);
});
