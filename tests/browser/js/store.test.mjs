import assert from "node:assert/strict";
import { test } from "node:test";
import { Sparse, Store, holdsMultiple, isPinned, spread } from "../../../normviz/charts/live/store.js";

const frame = (seq, step = seq * 13 + 11) => ({ seq, step });

function fakeTimers() {
  const waiting = [];
  return {
    setTimeout: (run) => waiting.push(run),
    clearTimeout: (id) => (waiting[id - 1] = null),
    fire: () => waiting.splice(0).forEach((run) => run?.()),
  };
}

test("early and round steps are pinned", () => {
  assert.deepEqual([0, 7, 10, 20, 50, 100, 2000, 5000].map(isPinned), Array(8).fill(true));
  assert.deepEqual([11, 30, 99, 101, 150, 2001, 6000].map(isPinned), Array(7).fill(false));
});

test("the history stays bounded, uniform in seq, and ends with the newest", () => {
  const store = new Store({ limit: 100 });
  for (let seq = 0; seq < 20000; seq++) {
    assert.equal(store.add(frame(seq)), true);
    assert.equal(store.frames.at(-1).seq, seq);
    assert.ok(store.frames.length <= 101);
  }
  assert.equal(store.received, 20000);
  const loose = store.frames.slice(0, -1).filter(({ step }) => !isPinned(step));
  assert.ok(loose.every(({ seq }) => seq % store.stride === 0));
  const gaps = loose.slice(1).map((f, i) => f.seq - loose[i].seq);
  assert.ok(Math.max(...gaps) <= 2 * store.stride);
});

test("pinned frames survive thinning", () => {
  const store = new Store({ limit: 100 });
  for (let seq = 0; seq < 6000; seq++) store.add(frame(seq, seq));
  const steps = new Set(store.frames.map(({ step }) => step));
  for (const step of [0, 1, 3, 9, 10, 20, 500, 1000, 5000]) assert.ok(steps.has(step), `step ${step}`);
});

test("even with nothing but pinned steps it stays bounded", () => {
  const store = new Store({ limit: 100 });
  for (let seq = 0; seq < 5000; seq++) store.add(frame(seq, 5));
  assert.ok(store.frames.length <= 101);
});

test("late frames are put in order, once", () => {
  const store = new Store();
  for (const seq of [0, 1, 5, 3, 3, 2, 5]) store.add(frame(seq));
  assert.deepEqual(store.frames.map(({ seq }) => seq), [0, 1, 2, 3, 5]);
  assert.equal(store.newest.seq, 5);
});

test("a gap in live frames is asked for once, after a while; the recorded history's gaps are not", () => {
  const timers = fakeTimers();
  const asked = [];
  const store = new Store({ ask: (a, b) => asked.push([a, b]), timers });
  for (const seq of [0, 8, 16]) store.add(frame(seq));
  timers.fire();
  assert.deepEqual(asked, []);
  store.live = true;
  for (const seq of [17, 20, 21, 25]) store.add(frame(seq));
  assert.deepEqual(asked, []);
  timers.fire();
  assert.deepEqual(asked, [[17, 25]]);
  for (const seq of [18, 19, 22]) assert.equal(store.add(frame(seq)), false);
  timers.fire();
  assert.equal(asked.length, 1);
});

test("a gap that holds nothing worth keeping is not asked for", () => {
  assert.equal(holdsMultiple(16, 24, 8), false);
  assert.equal(holdsMultiple(15, 24, 8), true);
  assert.equal(holdsMultiple(17, 20, 1), true);
});

test("neighbours and look-up", () => {
  const store = new Store();
  for (const seq of [0, 2, 4]) store.add(frame(seq));
  assert.equal(store.beside(frame(2), 1).seq, 4);
  assert.equal(store.beside(frame(3), 1).seq, 4);
  assert.equal(store.beside(frame(2), -1).seq, 0);
  assert.equal(store.beside(frame(4), 1), null);
});

test("spread keeps first and last", () => {
  const frames = Array.from({ length: 1000 }, (_, i) => i);
  const some = spread(frames, 300);
  assert.ok(some.length <= 300);
  assert.deepEqual([some[0], some.at(-1)], [0, 999]);
  assert.equal(spread(some, 300), some);
});

test("rarely measured numbers are kept in order and bounded, first and last among them", () => {
  const sparse = new Sparse(64);
  for (let i = 0; i < 1000; i++) sparse.add(i, i * 10, [i]);
  sparse.add(999, 9990, [0]);
  assert.ok(sparse.items.length <= 64);
  assert.equal(sparse.items[0].seq, 0);
  assert.equal(sparse.items.at(-1).seq, 999);
  assert.ok(sparse.items.every((item, i, all) => i === 0 || item.seq > all[i - 1].seq));
});

test("frames are in the order of their numbers, whatever the server's clock did meanwhile", () => {
  const store = new Store();
  const day = 86400;
  [0, day, -day, 2 * day, 1].forEach((time, seq) => assert.equal(store.add({ ...frame(seq), time: 1.7e9 + time }), true));
  assert.deepEqual(store.frames.map(({ seq }) => seq), [0, 1, 2, 3, 4]);
  assert.equal(store.newest.seq, 4);
});
