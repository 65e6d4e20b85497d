// Written by `make messages` from the catalogues; not by hand.
export const WORDS = {
  "commit": "提交",
  "clear": "清除",
  "hint": "用滑鼠或手指畫線，或按 Tab 鍵和方向鍵。",
  "empty": "尚未畫線",
};
