// What tells lines apart without colour: a shape and a dash each, the same on the canvas and in the legend.

/** Outlines around (0, 0), about 2 wide, as SVG paths. */
const SHAPES = [
  "M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0Z",
  "M-.9,-.9H.9V.9H-.9Z",
  "M0,-1.2L1.15,.9H-1.15Z",
  "M0,-1.3L1.3,0L0,1.3L-1.3,0Z",
  "M0,1.2L1.15,-.9H-1.15Z",
  "M-.4,-1.2H.4V-.4H1.2V.4H.4V1.2H-.4V.4H-1.2V-.4H-.4Z",
  "M-1.2,0L-.6,-1.05H.6L1.2,0L.6,1.05H-.6Z",
  "M-1.2,-1.1L1.2,1.1V-1.1L-1.2,1.1Z",
];
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4], [4, 2], [1, 2], [10, 3, 2, 3, 2, 3]];
// Okabe and Ito's colours, darker ones on a light ground, lighter ones on a dark one.
const COLORS = {
  light: ["#0072B2", "#C04A00", "#00795A", "#A8467E", "#8A6A00", "#2F7FA8", "#444444", "#7A5AA6"],
  dark: ["#56B4E9", "#F0A030", "#2CC59B", "#E39BC4", "#E8D44D", "#8FD0F5", "#C8C8C8", "#BFA4E8"],
};
const SVG = "http://www.w3.org/2000/svg";

export const colorOf = (index, dark) => COLORS[dark ? "dark" : "light"][index % 8];
export const dashOf = (index) => DASHES[index % DASHES.length];

/** Paints one marker; hollow ones are the published ones. */
export function paintMark(context, index, x, y, r, color, hollow, ground) {
  const path = new Path2D(SHAPES[index % SHAPES.length]);
  context.save();
  context.translate(x, y);
  context.scale(r, r);
  context.fillStyle = hollow ? ground : color;
  context.strokeStyle = color;
  context.lineWidth = (hollow ? 2 : 0.8) / r;
  context.fill(path);
  context.stroke(path);
  context.restore();
}

const node = (name, attributes) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

/** A sample of a line for the legend; of points that are not joined, of a mark alone. */
export function sample(index, color, hollow, joined = !hollow) {
  const svg = node("svg", { width: 34, height: 14, viewBox: "-17 -7 34 14", "aria-hidden": "true" });
  if (joined) svg.append(node("path", { d: "M-17,0H17", stroke: color, "stroke-width": 2, "stroke-dasharray": dashOf(index).join(" ") }));
  svg.append(node("path", {
    d: SHAPES[index % SHAPES.length], transform: `scale(${hollow ? 5 : 4})`, stroke: color, "stroke-width": hollow ? 0.4 : 0.2,
    fill: hollow ? "none" : color,
  }));
  return svg;
}
