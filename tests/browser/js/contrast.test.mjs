// Colours against the grounds of the themes of .streamlit/config.toml and of projector mode, by WCAG 2.2's formula.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LANES, layerColors } from "../../../normviz/charts/live/theme.js";
import { colorOf } from "../../../normviz/charts/study/marks.js";

const config = readFileSync(new URL("../../../.streamlit/config.toml", import.meta.url), "utf8");
const grounds = { light: ["#ffffff"], dark: ["#000000"] };
for (const [, theme, ground] of config.matchAll(/\[theme\.(light|dark)\][^[]*?\nbackgroundColor = "(#[0-9a-f]{6})"/g)) grounds[theme].push(ground);

const channels = (color) => (color.startsWith("#") ? [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) : color.match(/\d+/g).map(Number));

function luminance(color) {
  const [r, g, b] = channels(color).map((value) => value / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test("the formula gives the two ends of its scale", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#123456", "#123456"), 1);
  assert.deepEqual(Object.values(grounds).map(({ length }) => length), [2, 2]);
});

for (const theme of ["light", "dark"]) {
  for (const ground of grounds[theme]) {
    test(`layers stand out on ${ground}: 3:1`, () => {
      for (const count of [1, 2, 5, 10, 50]) {
        for (const [layer, color] of layerColors(count, theme === "dark").entries()) {
          assert.ok(contrast(color, ground) >= 3, `layer ${layer + 1} of ${count}: ${contrast(color, ground).toFixed(2)}`);
        }
      }
    });

    test(`lanes' colours can be read as text on ${ground}: 4.5:1`, () => {
      for (const color of LANES[theme]) assert.ok(contrast(color, ground) >= 4.5, `${color}: ${contrast(color, ground).toFixed(2)}`);
    });

    test(`lines of published figures stand out on ${ground}: 3:1`, () => {
      for (let i = 0; i < 8; i++) assert.ok(contrast(colorOf(i, theme === "dark"), ground) >= 3, `line ${i}`);
    });
  }
}
