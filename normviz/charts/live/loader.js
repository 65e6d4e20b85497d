// Inline text handed to Streamlit: loads a component's module once, and its words in the page's language, and forwards
// every call to it. Streamlit calls this again with the same parentElement on each data or theme change, possibly
// before the module has arrived; the returned cleanup may come before that, too.
export default function (component) {
  const { parentElement: root, data } = component;
  const slot = (root.__normvizLoad ??= { latest: null, closed: false, loading: null, cleanup: null });
  slot.latest = component;
  const script = document.querySelector('script[src*="static/js/index"]');
  const fallback = new URL((data.base || ".").replace(/\/*$/, "/"), document.baseURI).href;
  const base = script ? new URL("../", script.src.replace(/js\/index.*$/, "")).href : fallback;
  const load = (address) => import(new URL(address, base).href);
  if (!slot.loading) {
    slot.loading = load(data.module);
    slot.loading.catch((error) => {
      slot.loading = null;
      console.error("normviz: a part of the page could not be loaded", error);
      if (!slot.closed) root.host?.setAttribute("data-connection", "lost");
    });
  }
  const words = data.words ? load(data.words) : Promise.resolve({}); // a browser loads a module once
  const translated = words.catch((error) => {
    console.error("normviz: the words of this language could not be loaded", error);
    return {};
  });
  Promise.all([slot.loading, translated]).then(([module, { WORDS, TERMS }]) => {
    if (slot.closed || slot.latest !== component) return;
    slot.cleanup = module.default({ ...component, data: { ...data, words: WORDS, terms: TERMS } });
  }, () => {});
  return () => {
    slot.closed = true;
    slot.cleanup?.();
    if (root.__normvizLoad === slot) delete root.__normvizLoad;
  };
}
