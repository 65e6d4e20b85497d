// The sketch as a Streamlit component (version 2): called with the same parentElement on every data or theme change.
import { Sketch } from "./sketch.js";
import { makeWords } from "./words.js";

export default function mount({ data, parentElement, setTriggerValue }) {
  const text = JSON.stringify(data);
  let sketch = parentElement.__sketch;
  if (sketch?.text !== text) {
    sketch?.close();
    sketch = parentElement.__sketch = new Sketch(parentElement, data, makeWords(data.words));
    sketch.text = text;
  }
  sketch.commit = (values) => setTriggerValue("committed", values);
  return () => {
    parentElement.__sketch?.close();
    delete parentElement.__sketch;
  };
}
