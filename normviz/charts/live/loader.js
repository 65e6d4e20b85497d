// Inline text handed to Streamlit: loads a component's module once and forwards every call to it.
// Streamlit calls this again with the same parentElement on each data or theme change, possibly
// before the module has arrived; the returned cleanup may come before that, too.
export default function (component) {
  const { parentElement: root, data } = component;
  const slot = (root.__normvizLoad ??= { latest: null, closed: false, loading: null, cleanup: null });
  slot.latest = component;
  if (!slot.loading) {
    const script = document.querySelector('script[src*="static/js/index"]');
    const fallback = new URL((data.base || ".").replace(/\/*$/, "/"), document.baseURI).href;
    const base = script ? new URL("../", script.src.replace(/js\/index.*$/, "")).href : fallback;
    slot.loading = import(new URL(data.module, base).href);
    slot.loading.catch((error) => {
      slot.loading = null;
      console.error("normviz: a part of the page could not be loaded", error);
      if (!slot.closed) root.host?.setAttribute("data-connection", "lost");
    });
  }
  slot.loading.then((module) => {
    if (!slot.closed && slot.latest === component) slot.cleanup = module.default(component);
  }, () => {});
  return () => {
    slot.closed = true;
    slot.cleanup?.();
    if (root.__normvizLoad === slot) delete root.__normvizLoad;
  };
}
