import assert from "node:assert/strict";
import { test } from "node:test";
import { SvgContext, recorder, xml } from "../../../normviz/charts/live/svgcontext.js";

const real = () => ({ font: "", measureText: (text) => ({ width: text.length * 6 }), createImageData: (w, h) => ({ width: w, height: h }), bezierCurveTo() { return "drawn"; } });
const context = () => new SvgContext(real(), "p");

test("paths are written with their colours, widths and dashes", () => {
  const c = context();
  c.strokeStyle = "rgb(1, 2, 3)";
  c.lineWidth = 2;
  c.setLineDash([3, 1]);
  c.beginPath();
  c.moveTo(0, 1);
  c.lineTo(10.123, 2);
  c.closePath();
  c.stroke();
  assert.deepEqual(c.parts, ['<path d="M0 1L10.12 2Z" fill="none" stroke="rgb(1, 2, 3)" stroke-width="2" stroke-dasharray="3 1"/>']);
});

test("a whole circle is two arcs, a quarter one", () => {
  const c = context();
  c.beginPath();
  c.arc(10, 10, 5, 0, 2 * Math.PI);
  assert.equal(c.path, "M15 10A5 5 0 0 1 5 10A5 5 0 0 1 15 10");
  c.beginPath();
  c.arc(0, 0, 4, 0, Math.PI / 2);
  assert.equal(c.path, "M4 0A4 4 0 0 1 0 4");
});

test("a clip holds until it is restored, and so do styles", () => {
  const c = context();
  c.fillStyle = "red";
  c.save();
  c.beginPath();
  c.rect(0, 0, 4, 4);
  c.clip();
  c.fillStyle = "blue";
  c.globalAlpha = 0.5;
  c.fillRect(1, 1, 2, 2);
  c.restore();
  c.fillRect(5, 5, -2, 2);
  assert.equal(c.parts[0], '<clipPath id="pc0"><path d="M0 0h4v4h-4Z"/></clipPath>');
  assert.equal(c.parts[1], '<rect x="1" y="1" width="2" height="2" fill="blue" opacity="0.5" clip-path="url(#pc0)"/>');
  assert.equal(c.parts[2], '<rect x="3" y="5" width="2" height="2" fill="red"/>');
});

test("texts are escaped, and as wide as they were measured", () => {
  const c = context();
  c.font = "bold 12px sans-serif";
  c.textAlign = "right";
  c.textBaseline = "middle";
  c.fillText("a<b & \"c\"\u0001", 10, 20);
  assert.match(c.parts[0], /^<text x="10" y="24.2" text-anchor="end" font-size="12" font-weight="bold" textLength="60" [^>]*>a&lt;b &amp; &quot;c&quot;<\/text>$/);
  assert.equal(xml("<\u0000>"), "&lt;&gt;");
});

test("clearing begins anew", () => {
  const c = context();
  c.fillRect(0, 0, 1, 1);
  c.setTransform(2, 0, 0, 2, 0, 0);
  assert.deepEqual(c.parts, []);
});

test("a method that has no SVG here is passed on and remembered", () => {
  const c = recorder(real(), "p");
  c.fillStyle = "red";
  c.fillRect(0, 0, 1, 1);
  assert.equal(c.unknown, null);
  assert.equal(c.bezierCurveTo(1, 2, 3, 4, 5, 6), "drawn");
  assert.equal(c.unknown, "bezierCurveTo");
  assert.equal(c.parts.length, 1);
  c.setTransform(1, 0, 0, 1, 0, 0);
  assert.equal(c.unknown, null);
});
