// Written by `make messages` from the catalogues; not by hand.
export const WORDS = {
  "commit": "提交",
  "clear": "清除",
  "hint": "用鼠标或手指画线，或按 Tab 键和方向键。",
  "empty": "尚未画线",
};
