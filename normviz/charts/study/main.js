// A study as a Streamlit component (version 2): called with the same parentElement on every data or theme change.
import { Study } from "./study.js";
import { makeWords } from "./words.js";

export default function mount({ data, parentElement }) {
  const settings = data ?? {};
  let study = parentElement.__normvizStudy;
  if (study && study.figure !== settings.figure) {
    study.close();
    study = null;
  }
  study ??= parentElement.__normvizStudy = new Study(parentElement, makeWords(settings.words), settings);
  study.restyle();
  return () => {
    parentElement.__normvizStudy?.close();
    delete parentElement.__normvizStudy;
  };
}
