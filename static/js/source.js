/* An event source that never gives up: htmx's own waits up to a minute after an outage. */
const RETRY_AFTER = 2000;

export class PatientSource extends EventTarget {
  #inner = null;
  #names = new Set();
  #isClosed = false;
  #wasOpen = false;

  constructor(url) {
    super();
    this.url = url;
    this.#connect();
  }

  /* htmx starts its own retries at CLOSED, so that is only said after close(). */
  get readyState() {
    if (this.#isClosed) return EventSource.CLOSED;
    return this.#inner.readyState === EventSource.OPEN ? EventSource.OPEN : EventSource.CONNECTING;
  }

  addEventListener(name, listener, options) {
    super.addEventListener(name, listener, options);
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#forward(name);
  }

  close() {
    this.#isClosed = true;
    this.#inner.close();
  }

  #connect() {
    if (this.#isClosed) return;
    const inner = new EventSource(this.url);
    this.#inner = inner;
    inner.onopen = (event) => {
      this.#wasOpen = true;
      this.onopen?.(event);
    };
    inner.onerror = (event) => {
      this.onerror?.(event);
      // A dropped line is taken up again by the browser; an error answer is not.
      if (inner.readyState === EventSource.CLOSED) setTimeout(() => this.#comeBack(), RETRY_AFTER);
    };
    // The right to listen ended; the page itself says what that means now.
    inner.addEventListener("closed", () => location.reload());
    for (const name of this.#names) this.#forward(name);
  }

  /* Once open, so a page that never had its stream does not load itself again and again. */
  async #comeBack() {
    if (this.#wasOpen && (await isGone(this.url))) location.reload();
    else this.#connect();
  }

  #forward(name) {
    this.#inner.addEventListener(name, ({ data }) => {
      this.dispatchEvent(new MessageEvent(name, { data }));
    });
  }
}

/* Whether the console refuses for good: an event source is not told with which answer. */
async function isGone(url) {
  const stop = new AbortController();
  try {
    const answer = await fetch(url, { signal: stop.signal });
    return answer.redirected || [401, 403, 404].includes(answer.status);
  } catch {
    return false;
  } finally {
    stop.abort();
  }
}
