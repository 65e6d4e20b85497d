// The live view as a Streamlit component (version 2): called with the same parentElement on every
// data or theme change, so the state lives on that element.
import { setLocale } from "./format.js";
import { Viewer } from "./viewer.js";
import { makeWords } from "./words.js";

export default function mount({ data, parentElement, setTriggerValue }) {
  const settings = data ?? {};
  const words = JSON.stringify(settings.words ?? {});
  let viewer = parentElement.__normviz;
  if (viewer && viewer.wordsText !== words) {
    viewer.close(); // another language: build anew
    viewer = null;
  }
  if (!viewer) {
    setLocale(settings.locale || "en");
    viewer = parentElement.__normviz = new Viewer(parentElement, makeWords(settings.words), settings);
    viewer.wordsText = words;
  }
  viewer.page = setTriggerValue ?? (() => {}); // what the page around the view is told
  viewer.update(settings);
  return () => {
    parentElement.__normviz?.close();
    delete parentElement.__normviz;
  };
}
