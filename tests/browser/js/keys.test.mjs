import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, meant } from "../../../normviz/charts/live/keys.js";
import { next } from "../../../normviz/charts/live/pointing.js";
import { WORDS } from "../../../normviz/charts/live/words.js";

const page = { body: { localName: "body" }, documentElement: { localName: "html" } };
const root = { localName: "div" };
const node = (localName, more = {}) => ({ localName, ...more });

/** A press on the first node of the path. */
const press = (key, path, more = {}) => ({ key, composedPath: () => path, ...more });

test("keys work with the body or the view in focus", () => {
  assert.equal(meant(press(" ", [page.body]), root, page), true);
  assert.equal(meant(press("d", [root, page.body]), root, page), true);
  assert.equal(meant(press("1", [node("canvas"), root, page.body]), root, page), true);
  assert.equal(meant(press("1", [node("section", { matches: () => true }), page.body]), root, page), true);
});

test("not while typing, in another widget, in a dialog or with a modifier", () => {
  for (const target of [node("input", { type: "number" }), node("textarea"), node("select"), node("div", { isContentEditable: true })]) {
    assert.equal(meant(press("1", [target, root, page.body]), root, page), false);
    assert.equal(meant(press("1", [target, page.body]), root, page), false);
  }
  assert.equal(meant(press("d", [node("button"), page.body]), root, page), false);
  assert.equal(meant(press("d", [node("button"), node("dialog"), root, page.body]), root, page), false);
  const menu = node("div", { getAttribute: (name) => (name === "role" ? "dialog" : null) });
  assert.equal(meant(press("d", [node("button"), menu, root, page.body]), root, page), false);
  for (const modifier of ["ctrlKey", "altKey", "metaKey"]) assert.equal(meant(press("f", [page.body], { [modifier]: true }), root, page), false);
  assert.equal(meant(press("f", [page.body], { defaultPrevented: true }), root, page), false);
});

test("a button of the view keeps its own keys, the slider its own, and both leave the others", () => {
  const button = [node("button"), root, page.body];
  assert.deepEqual([" ", "Enter", "d", "ArrowLeft"].map((key) => meant(press(key, button), root, page)), [false, false, true, true]);
  const slider = [node("input", { type: "range" }), root, page.body];
  assert.deepEqual(["ArrowLeft", "Home", "End", "d", " "].map((key) => meant(press(key, slider), root, page)), [false, false, false, true, true]);
  assert.equal(meant(press("d", [node("input", { type: "range" }), page.body]), root, page), false);
});

test("every key has words, and no key does two things", () => {
  for (const { words } of KEYS) assert.ok(WORDS[words], words);
  const all = KEYS.flatMap(({ keys }) => keys);
  assert.equal(new Set(all).size, all.length);
});

test("pointing at layers with keys begins at the end that the key comes from, and stays inside", () => {
  assert.deepEqual([next(null, 1, 4), next(null, -1, 4), next("out", 1, 4)], [0, 3, 0]);
  assert.deepEqual([next(1, 1, 4), next(3, 1, 4), next(0, -1, 4)], [2, 3, 0]);
});
