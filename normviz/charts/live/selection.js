// Which charts are shown, and in which order: all of them in the Lab, a few in a lesson.

/** What a page calls the charts, in the order in which the viewer makes them. */
export const CHARTS = ["histograms", "moments", "gradients", "saturation", "learning", "shift", "surface", "curve"];
const ACROSS = 3;

/** Charts that only a page that asks for them shows. */
const APART = new Set(["curve"]);

/** How many charts stand beside each other on a wide screen: four are two and two. */
export function columns(count) {
  return count > ACROSS ? Math.ceil(count / 2) : count;
}

/** Shows the charts of these names only; no name: all, as the Lab places them. */
export function choose(layout, charts, names) {
  const { root } = layout;
  const some = names.filter((name) => CHARTS.includes(name));
  const across = columns(some.length);
  const away = (name) => (some.length ? !some.includes(name) : APART.has(name));
  layout.rows = some.length ? Math.ceil(some.length / across) : 0;
  root.toggleAttribute("data-some", some.length > 0);
  root.style.setProperty("--nv-across", across || 1);
  charts.forEach(({ card: { element } }, index) => {
    const name = CHARTS[index];
    element.classList.toggle("away", away(name));
    element.style.order = some.indexOf(name) + 1;
    if (name === "gradients" || name === "shift") alone(element, some, name);
  });
  layout.measure();
}

/** Gradients and covariate shift share a place, each with a button to the other, unless a page shows one or both. */
function alone(element, some, name) {
  const both = some.includes("gradients") && some.includes("shift");
  if (some.includes(name)) element.hidden = false;
  else if (!some.length) element.hidden = name === "shift";
  element.classList.toggle("steady", some.length > 0 && (both || some.includes(name)));
}
