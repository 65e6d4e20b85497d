// The connection: opens, sends, reconnects with backoff and jitter, and resumes after the last frame.

const REFUSED = 1008;
const SILENCE = 12000; // a running server speaks twice a second

/** The app's root URL, from Streamlit's own script tag, else from what Python said, else the page's. */
export function appBase(fallback) {
  const script = document.querySelector('script[src*="static/js/index"]');
  if (script) return new URL("../", script.src.replace(/js\/index.*$/, "")).href;
  return new URL((fallback || ".").replace(/\/*$/, "/"), document.baseURI).href;
}

/** The address of one of our sockets below the app's root. */
export function socketUrl(path, base) {
  const url = new URL(path, base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** Milliseconds before the n-th attempt: doubling up to 8 s, half of it random. */
export function backoff(attempt, random = Math.random) {
  return Math.min(8000, 250 * 2 ** Math.min(attempt, 10)) * (0.5 + random() / 2);
}

export class Connection {
  /** `on` has hello() -> open message, text(message), binary(buffer), changed(state). */
  constructor(url, on) {
    this.url = url;
    this.on = on;
    this.attempt = 0;
    this.closed = false;
    this.busy = false; // the server should be speaking
    this.wake = () => this.socket === null && this.connect();
    window.addEventListener("online", this.wake);
    this.watch = setInterval(() => this.checkSilence(), 3000);
    this.socket = null;
    this.connect();
  }

  connect() {
    if (this.closed) return;
    clearTimeout(this.timer);
    const socket = (this.socket = new WebSocket(this.url));
    socket.binaryType = "arraybuffer";
    this.heard = performance.now();
    socket.onopen = () => {
      socket.send(JSON.stringify(this.on.hello()));
      this.on.changed("open");
    };
    socket.onmessage = (event) => this.receive(socket, event.data);
    socket.onclose = (event) => this.lost(socket, event.code);
  }

  receive(socket, data) {
    if (socket !== this.socket) return;
    this.heard = performance.now();
    this.attempt = 0;
    if (typeof data !== "string") return this.on.binary(data);
    let message = null;
    try {
      message = JSON.parse(data);
    } catch {
      console.error("normviz: the server sent a text that is no JSON");
    }
    if (message && typeof message === "object") this.on.text(message);
  }

  lost(socket, code) {
    if (socket !== this.socket || this.closed) return;
    this.socket = null;
    if (code === REFUSED) {
      this.close();
      this.on.changed("refused");
      return;
    }
    this.on.changed("lost");
    this.timer = setTimeout(() => this.connect(), backoff(this.attempt++));
  }

  checkSilence() {
    if (!this.busy || this.socket?.readyState !== WebSocket.OPEN) return;
    if (performance.now() - this.heard < SILENCE) return;
    const socket = this.socket;
    socket.close();
    this.lost(socket, 1006);
  }

  /** Sends a message; false when there is no open connection. */
  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.watch);
    window.removeEventListener("online", this.wake);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
