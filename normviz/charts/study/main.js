// A study as a Streamlit component (version 2): called with the same parentElement on every data or theme change.
import { setLocale } from "../live/format.js";
import { Study } from "./study.js";
import { makeWords } from "./words.js";

export default function mount({ data, parentElement }) {
  const settings = data ?? {};
  const locale = settings.locale || "en";
  let study = parentElement.__normvizStudy;
  if (study && (study.figure !== settings.figure || study.locale !== locale)) {
    study.close();
    study = null;
  }
  if (!study) {
    setLocale(locale);
    study = parentElement.__normvizStudy = new Study(parentElement, makeWords(settings.words), settings);
    study.locale = locale;
  }
  study.restyle();
  return () => {
    parentElement.__normvizStudy?.close();
    delete parentElement.__normvizStudy;
  };
}
