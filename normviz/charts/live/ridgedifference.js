// One row of the difference of two histograms: above its line what is more in the lane, below what is more in lane A.
import { percent } from "./format.js";

/** The largest difference of a row, whatever its sign; `outside` are those below and above all bins. */
export function largest(view, from, bins, outside) {
  let most = Math.max(...outside.map((share) => Math.abs(share) || 0));
  for (let i = from; i < from + bins; i++) if (Math.abs(view[i]) > most) most = Math.abs(view[i]);
  return most;
}

/** Paints one row, scaled to its own largest difference, which stands at its right. */
export function paintDifferenceRow({ context, panel, scene, lane, hist, view, pitch, every }, layer, outside) {
  const bins = hist.shape[1];
  const from = layer * bins;
  const middle = panel.plot.y + (layer + 0.5) * pitch;
  const most = largest(view, from, bins, outside);
  const high = most > 0 ? (pitch * 0.46) / most : 0;
  context.globalAlpha = scene.dimmed(layer) ? 0.15 : 1;
  for (const sign of [1, -1]) {
    context.fillStyle = sign > 0 ? scene.laneColor(lane) : scene.baseColor;
    fillSide(context, panel, hist, (i) => Math.max(0, sign * view[from + i]) * high * sign, middle);
    outside.forEach((share, side) => {
      if (!(share * sign > 0)) return;
      const wide = Math.round(scene.type * 0.6);
      const left = side ? panel.plot.x + panel.plot.w + 2 : panel.plot.x - wide - 2;
      const tall = Math.abs(share) * high;
      context.fillRect(left, sign > 0 ? middle - tall : middle, wide, tall);
    });
  }
  context.strokeStyle = scene.theme.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(panel.plot.x, middle);
  context.lineTo(panel.plot.x + panel.plot.w, middle);
  context.stroke();
  if (layer % every) return;
  context.fillStyle = scene.theme.muted;
  context.textAlign = "right";
  context.fillText(percent(most, 1), panel.width - 1, middle + scene.type * 0.35);
}

function fillSide(context, panel, hist, heightOf, middle) {
  const { lo, hi } = hist.bins;
  const bins = hist.shape[1];
  const width = (hi - lo) / bins;
  const x0 = panel.x.of(lo);
  const dx = panel.x.of(lo + width) - x0;
  context.beginPath();
  context.moveTo(x0, middle);
  for (let i = 0; i < bins; i++) context.lineTo(x0 + (i + 0.5) * dx, middle - heightOf(i));
  context.lineTo(panel.x.of(hi), middle);
  context.closePath();
  context.fill();
}
