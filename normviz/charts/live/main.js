// The live view as a Streamlit component (version 2): called with the same parentElement on every
// data or theme change, so the state lives on that element.
import { setLocale } from "./format.js";
import { Viewer } from "./viewer.js";
import { makeWords } from "./words.js";

export default function mount({ data, parentElement, setTriggerValue }) {
  const settings = data ?? {};
  const locale = settings.locale || "en";
  let viewer = parentElement.__normviz;
  if (viewer && viewer.locale !== locale) {
    viewer.close(); // another language: build anew
    viewer = null;
  }
  if (!viewer) {
    setLocale(locale);
    viewer = parentElement.__normviz = new Viewer(parentElement, makeWords(settings.words, settings.terms), settings);
    viewer.locale = locale;
  }
  viewer.page = setTriggerValue ?? (() => {}); // what the page around the view is told
  viewer.update(settings);
  return () => {
    parentElement.__normviz?.close();
    delete parentElement.__normviz;
  };
}
