// Lines in the plane: borders between the classes of a grid, and where a straight line crosses a rectangle.

/**
 * Calls draw([column, row], [column, row]) for every piece of a border. A class's own margin counts as positive and any
 * other's as negative, so that a border runs where the margin is 0 between the points of the grid.
 */
export function border({ side, classes, margins }, draw) {
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const i = row * side + column;
      const corners = [i, i + 1, i + side + 1, i + side];
      const labels = [...new Set(corners.map((at) => classes[at]))];
      if (labels.length === 1) continue;
      for (const label of labels.length === 2 ? labels.slice(1) : labels) {
        const ends = crossings(corners.map((at) => (classes[at] === label ? 1 : -1) * (margins[at] + 1e-9)), column, row);
        for (let k = 0; k + 1 < ends.length; k += 2) draw(ends[k], ends[k + 1]);
      }
    }
  }
}

/** Where the sides of a cell change sign; the values are those of its corners, anticlockwise from the lower left. */
function crossings(values, column, row) {
  const places = [[0, 0], [1, 0], [1, 1], [0, 1]];
  const found = [];
  values.forEach((value, at) => {
    const next = (at + 1) % 4;
    if (value > 0 === values[next] > 0) return;
    const share = value / (value - values[next]);
    found.push([0, 1].map((axis) => [column, row][axis] + places[at][axis] + share * (places[next][axis] - places[at][axis])));
  });
  return found;
}

/** The two ends of v1 x1 + v2 x2 + c = 0 within a rectangle; null where it passes by, or is no line. */
export function chord(v1, v2, c, lo, hi) {
  if (!Number.isFinite(v1 + v2 + c) || (v1 === 0 && v2 === 0)) return null;
  const size = [hi[0] - lo[0], hi[1] - lo[1]];
  const steep = Math.abs(v1 * size[0]) > Math.abs(v2 * size[1]); // then it crosses from below to above
  const [along, across] = steep ? [1, 0] : [0, 1];
  const v = [v1, v2];
  const at = (value) => -(c + v[along] * value) / v[across];
  const ends = [lo[along], hi[along]].map((value) => (steep ? [at(value), value] : [value, at(value)]));
  const inside = ends.map((end) => (end[across] - lo[across]) / size[across]);
  if ((inside[0] < 0 && inside[1] < 0) || (inside[0] > 1 && inside[1] > 1)) return null;
  return ends;
}
