// Which call stands large. A call 50 ms after another must not push it away
// before anybody has read it, and it must not wait unseen either. So the large
// place takes the calls in turn, each for at least eight seconds, and the list
// beside it shows every other call at once, newest first. Halving the large
// place instead would shrink each number below the fifth of the screen's height
// that the back row needs.

const DWELL_MS = 8000;
const FORGET_MS = 45000; // a call that had no turn by then stays in the list alone

/**
 * @typedef {{seq: number, label: string, counter: number, at: number, nth: number, out_of_order?: boolean, mark?: boolean, active: boolean}} Call
 */
export class Stage {
  /** @param {{now: () => number, later: (f: () => void, ms: number) => any, change: (fresh: boolean) => void}} env */
  constructor(env) {
    this.env = env;
    /** @type {Call|null} */
    this.hero = null;
    this.since = -Infinity;
    /** @type {{seq: number, came: number}[]} calls that still want their turn, oldest first */
    this.queue = [];
    /** @type {Call[]} newest first */
    this.calls = [];
    this.newest = 0;
    this.epoch = '';
    this.open = true;
    this.seen = false; // any call on this page
    this.timer = false;
    this.first = true;
  }

  /**
   * Takes the calls of a new board, newest first.
   * @param {Call[]} calls
   * @param {string} epoch
   * @param {boolean} open whether the day is: after it only what is still waited for stands large
   */
  board(calls, epoch, open) {
    this.calls = calls;
    this.open = open;
    const top = calls.reduce((m, c) => Math.max(m, c.seq), 0);
    if (this.first || epoch !== this.epoch) { // another journal: nothing there is news
      this.first = false;
      this.epoch = epoch;
      this.newest = top;
      this.queue = [];
      this.hero = null;
      this.since = -Infinity;
    }
    if (calls.length) this.seen = true;
    for (let i = calls.length - 1; i >= 0; i--) {
      const c = calls[i];
      if (c.seq > this.newest && c.active) this.queue.push({ seq: c.seq, came: this.env.now() });
    }
    this.queue.sort((a, b) => a.seq - b.seq);
    this.newest = Math.max(this.newest, top);
    this.step();
  }

  step() {
    const now = this.env.now();
    const find = (seq) => this.calls.find((c) => c.seq === seq);
    this.queue = this.queue.filter((q) => {
      const c = find(q.seq);
      return c && c.active && now - q.came < FORGET_MS;
    });
    if (this.hero) { // the same call as it is now; a recall is another call of the same number
      const again = find(this.hero.seq);
      if (again) this.hero = again;
      else if (this.calls.some((c) => c.label === this.hero.label)) this.since = -Infinity;
      else { this.hero = null; this.since = -Infinity; }
    }
    const left = this.since + DWELL_MS - now;
    if (left > 0 && this.hero) { this.wake(left); return; }
    const next = this.queue.shift();
    if (next) {
      this.hero = find(next.seq) || null;
      this.since = now;
      this.env.change(true);
      this.wake(DWELL_MS);
      return;
    }
    // Nobody new: the newest that is still waited for, or else the last called.
    const rest = this.calls.find((c) => c.active) || (this.open && this.calls[0]) || null;
    if (!rest || !this.hero || rest.seq !== this.hero.seq) {
      this.hero = rest;
      this.env.change(false);
    }
  }

  wake(ms) {
    if (this.timer) return;
    this.timer = true;
    this.env.later(() => { this.timer = false; this.step(); }, ms);
  }

  /** The other calls, newest first. @param {number} n @returns {Call[]} */
  rest(n) {
    return this.calls.filter((c) => !this.hero || c.label !== this.hero.label).slice(0, n);
  }
}
