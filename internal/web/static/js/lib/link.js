// The page's end of the live link; display/feed is the daemon's.
//
// A frozen board is the worst failure there is, so the link trusts nothing but
// frames: a half-open socket says OPEN for minutes and fires no close. Ten
// seconds without a frame and the page is told that it is stale.

/**
 * What a page shows of its link.
 * - connecting: no socket yet, or it went away less than 10 s ago
 * - live: what is shown is what is
 * - stale: no frame for 10 s; say so, in words
 * - refused: the daemon does not want this page; it is no use to ask again
 * @typedef {'connecting'|'live'|'stale'|'refused'} LinkStatus
 */

/**
 * @typedef {object} StatusDetail
 * @property {number} [code] close code of the last socket; 4401 not paired, 4403 not allowed, 4404 no such topic
 * @property {string} [reason] the daemon's words for it
 * @property {number} [lastFrame] when the last frame came, by the server's clock, ms since 1970
 * @property {boolean} outdated the daemon has newer pages than this one
 */

/**
 * @typedef {object} Place a position in the daemon's journal
 * @property {string} epoch
 * @property {number} seq
 */

/**
 * What display health shows of a page.
 * @typedef {object} Report
 * @property {string} [screen] the screen this page is on, as its address names it
 * @property {string} [audio] one word, a-z, such as 'ready' or 'locked'
 * @property {number} [last_spoken] seq of the call spoken last
 * @property {{w: number, h: number, dpr: number}} [viewport] CSS pixels
 */

/**
 * @typedef {object} LinkOptions
 * @property {string} topic
 * @property {(state: any, place: Place) => void} onState the whole state, at first and whenever it comes anew
 * @property {(events: any[], place: {prev: number, seq: number}) => void} [onEvents]
 *   what happened since; giving it makes this a Stream link, which resumes
 * @property {(status: LinkStatus, detail: StatusDetail) => void} [onStatus]
 * @property {string} [url] of the feed, absolute or relative to the page; '/feed'
 * @property {{epoch: string, seq: number, state: any}} [initial] the snapshot in the page
 * @property {string} [asset] hash of the pages this one belongs to
 * @property {() => boolean} [idle] may the page reload itself now? By default: nobody is typing
 * @property {Partial<Env>} [env] for tests
 */

/**
 * All that the link uses of a browser.
 * @typedef {object} Env
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {(f: () => void, ms: number) => any} setTimeout
 * @property {(id: any) => void} clearTimeout
 * @property {() => number} wall ms since 1970 by the device's clock
 * @property {() => number} mono ms that never jump
 * @property {() => number} random in [0, 1)
 * @property {{href: string, reload: () => void}} location
 * @property {EventTarget & {visibilityState?: string, activeElement?: any}} document
 * @property {EventTarget} window
 * @property {{getItem: (k: string) => string|null, setItem: (k: string, v: string) => void}} sessionStorage
 */

/**
 * @typedef {object} Link
 * @property {() => number} now server time, ms since 1970: reckon ages by this
 * @property {() => LinkStatus} status
 * @property {() => Place|null} place
 * @property {(r: Report) => void} report tells the daemon how the page fares
 * @property {() => void} alive reports once more, changed or not: the page still runs
 * @property {() => void} close
 */

const PROTO = 1;
const STALE_MS = 10000; // two heartbeats
const FRESH_MS = 6000; // one heartbeat and some
const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 10000;
const RELOAD_SPREAD_MS = 5000; // a hundred walls must not reload at one moment
const REPORT_MS = 1000;
const CLOCK_SAMPLES = 12; // a minute of heartbeats
const CLOCK_STEP_MS = 2000;
const REFUSALS = [4401, 4403, 4404];
const RELOADED_KEY = 'motcua-reloaded-for';

/**
 * Follows a topic of the daemon for as long as the page lives.
 * @param {LinkOptions} options
 * @returns {Link}
 */
export function connect(options) {
  const env = browser(options.env || {});
  const stream = Boolean(options.onEvents);
  const clock = serverClock(env);

  /** @type {Place|null} */
  let place = null;
  /** @type {LinkStatus} */
  let status = 'connecting';
  /** @type {WebSocket|null} */
  let socket = null;
  let closed = false;
  let failures = 0;
  let mending = false; // a resume is under way
  let mendingBeats = 0; // heartbeats since then that still showed the gap
  let lastFrame = env.mono();
  let framed = false; // was there any frame?
  /** @type {number|undefined} */
  let code;
  /** @type {string|undefined} */
  let reason;
  let asset = options.asset || '';
  let outdated = '';
  /** @type {any} */
  let hung = null; // fires when this socket has been silent too long
  /** @type {any} */
  let staleness = null; // fires when every socket together has
  /** @type {any} */
  let retry = null;
  /** @type {any} */
  let reloading = null;
  /** @type {any} */
  let reporting = null;
  /** @type {Report} */
  let report = {};
  let reported = '';
  let told = '';

  function tell() {
    if (closed || !options.onStatus) return;
    /** @type {StatusDetail} */
    const detail = { outdated: outdated !== '' };
    if (code !== undefined) detail.code = code;
    if (reason) detail.reason = reason;
    const what = JSON.stringify([status, detail]);
    if (what === told) return;
    told = what;
    if (framed) detail.lastFrame = clock.reading(lastFrame);
    options.onStatus(status, detail);
  }

  /** @param {LinkStatus} s */
  function become(s) {
    status = s;
    tell();
  }

  // --- the socket

  function open() {
    if (closed || status === 'refused') return;
    drop();
    mending = false;
    reported = '';
    watchSocket(); // one that hangs while it is being made is hung as well
    /** @type {WebSocket} */
    let s;
    try {
      s = new env.WebSocket(feedURL(env, options));
    } catch (err) {
      console.error('link: open', err);
      again();
      return;
    }
    socket = s;
    s.onopen = () => {
      if (s === socket && stream) resume();
    };
    s.onmessage = (e) => {
      if (s === socket) receive(e.data);
    };
    s.onclose = (e) => {
      if (s !== socket) return;
      socket = null;
      code = e.code;
      reason = e.reason;
      if (REFUSALS.includes(e.code)) {
        stop();
        become('refused');
        return;
      }
      if (status === 'live') become('connecting');
      again();
    };
  }

  /** Lets go of the socket without waiting for it: a half-open one may take minutes to close. */
  function drop() {
    env.clearTimeout(retry);
    retry = null;
    const s = socket;
    socket = null;
    if (!s) return;
    s.onopen = s.onmessage = s.onclose = s.onerror = null;
    try {
      s.close();
    } catch (_) {
      // it was never open
    }
  }

  function again() {
    if (closed || retry !== null) return;
    const most = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * Math.pow(2, failures));
    failures++;
    retry = env.setTimeout(() => {
      retry = null;
      open();
    }, env.random() * most);
  }

  /** @param {object} frame */
  function send(frame) {
    if (socket && socket.readyState === 1) socket.send(JSON.stringify(frame));
  }

  function resume() {
    mending = true;
    mendingBeats = 0;
    send({ type: 'resume', epoch: place ? place.epoch : '', seq: place ? place.seq : 0 });
  }

  // --- watching

  function watchSocket() {
    env.clearTimeout(hung);
    hung = env.setTimeout(() => {
      if (closed || status === 'refused' || retry !== null) return;
      drop();
      again();
    }, STALE_MS);
  }

  function watchFrames() {
    env.clearTimeout(staleness);
    staleness = env.setTimeout(() => {
      if (!closed && status !== 'refused') become('stale');
    }, STALE_MS);
  }

  /** The device woke up, or has a network again: a timer may have slept, a socket may be dead. */
  function check() {
    if (closed || status === 'refused') return;
    const silent = env.mono() - lastFrame;
    if (silent >= STALE_MS) become('stale');
    if (!socket || silent >= FRESH_MS) {
      failures = 0;
      open();
    }
  }

  function onVisible() {
    if (env.document.visibilityState !== 'hidden') check();
  }

  function onOnline() {
    if (closed || status === 'refused') return;
    failures = 0;
    open(); // the old socket was another network's
  }

  // --- frames

  /** @param {string} data */
  function receive(data) {
    /** @type {any} */
    let f;
    try {
      f = JSON.parse(data);
    } catch (err) {
      console.error('link: frame', err);
      drop();
      again();
      return;
    }
    lastFrame = env.mono();
    framed = true;
    watchSocket();
    watchFrames();
    switch (f.type) {
      case 'hello':
        hello(f);
        break;
      case 'snap':
        mending = false;
        place = { epoch: f.epoch, seq: f.seq };
        current();
        call(() => options.onState(f.state, { epoch: f.epoch, seq: f.seq }));
        break;
      case 'ev':
        events(f);
        break;
      case 'hb':
        heartbeat(f);
        break;
      default: // a newer daemon's; still a sign of life
    }
  }

  /** @param {any} f */
  function hello(f) {
    clock.hear(f.now);
    if (f.proto !== PROTO) {
      outdated = f.asset || 'proto ' + f.proto;
      stop();
      code = undefined;
      reason = 'this page is too old for the daemon; load it again';
      become('refused');
      considerReload();
      return;
    }
    if (!asset) asset = f.asset;
    outdated = f.asset && f.asset !== asset ? f.asset : '';
    considerReload();
    // With snapshot or events still to come the page is not live yet.
    if (stream && place && place.epoch === f.epoch && place.seq === f.seq) {
      mending = false;
      current();
    } else {
      tell();
    }
    sendReport();
  }

  function current() {
    code = reason = undefined;
    if (status !== 'live') become('live');
    else tell();
  }

  /** @param {any} f */
  function events(f) {
    if (!place || f.seq <= place.seq) return; // known already
    if (f.prev > place.seq) {
      if (!mending) resume();
      return;
    }
    mending = false;
    place = { epoch: place.epoch, seq: f.seq };
    current();
    const ok = call(() => options.onEvents && options.onEvents(f.events, { prev: f.prev, seq: f.seq }));
    if (!ok) {
      // The page's copy may be half changed: only a whole state mends it.
      place = null;
      resume();
    }
  }

  /** @param {any} f */
  function heartbeat(f) {
    clock.hear(f.now);
    failures = 0;
    if (stream && (!place || f.seq > place.seq)) {
      // Heartbeats come after what was queued before them, so this is a gap.
      // The first one may have been on its way already when resume was sent.
      if (!mending) {
        resume();
      } else if (++mendingBeats > 1) {
        drop();
        again();
        return;
      }
    } else {
      mending = false;
      if (place) current();
    }
    considerReload();
  }

  /**
   * A page that throws must not take its link down.
   * @param {() => void} f
   */
  function call(f) {
    try {
      f();
      return true;
    } catch (err) {
      console.error('link: page', err);
      return false;
    }
  }

  // --- new pages

  function considerReload() {
    if (!outdated || reloading !== null || closed) return;
    if (!(options.idle ? options.idle() : nobodyTypes(env))) return;
    let seen;
    try {
      seen = env.sessionStorage.getItem(RELOADED_KEY);
    } catch (_) {
      seen = outdated; // no memory, no guard against a loop: leave it to people
    }
    if (seen === outdated) return;
    reloading = env.setTimeout(() => {
      reloading = null;
      if (closed || !outdated) return;
      if (!(options.idle ? options.idle() : nobodyTypes(env))) return; // the next heartbeat asks again
      try {
        env.sessionStorage.setItem(RELOADED_KEY, outdated);
      } catch (_) {
        return;
      }
      env.location.reload();
    }, env.random() * RELOAD_SPREAD_MS);
  }

  // --- reports

  function sendReport() {
    const text = JSON.stringify(report);
    if (text === '{}' || text === reported || !socket || socket.readyState !== 1) return;
    reported = text;
    send(Object.assign({ type: 'status' }, report));
  }

  // --- the end

  function stop() {
    drop();
    env.clearTimeout(hung);
    env.clearTimeout(staleness);
    env.clearTimeout(reporting);
    hung = staleness = reporting = null;
    env.document.removeEventListener('visibilitychange', onVisible);
    env.window.removeEventListener('pageshow', onVisible);
    env.window.removeEventListener('online', onOnline);
  }

  env.document.addEventListener('visibilitychange', onVisible);
  env.window.addEventListener('pageshow', onVisible);
  env.window.addEventListener('online', onOnline);

  const initial = options.initial;
  if (initial) {
    place = { epoch: initial.epoch, seq: initial.seq };
    const at = place;
    // Later, so that the page's callback already has the link in its hand.
    env.setTimeout(() => {
      if (!closed && place === at) call(() => options.onState(initial.state, at));
    }, 0);
  }
  watchFrames();
  open();

  return {
    now: clock.now,
    status: () => status,
    place: () => place,
    report(r) {
      report = Object.assign({}, report, r);
      if (reporting !== null || closed || status === 'refused') return;
      // A window being resized says so a hundred times a second.
      reporting = env.setTimeout(() => {
        reporting = null;
        sendReport();
      }, REPORT_MS);
    },
    alive() {
      reported = '';
      sendReport();
    },
    close() {
      closed = true;
      stop();
      env.clearTimeout(reloading);
    },
  };
}

/**
 * The server's clock, told from frames: each is late by its way, so of the
 * last minute's the one that puts the server furthest ahead is the truest.
 * @param {Env} env
 */
function serverClock(env) {
  /** @type {number[]} */
  let samples = [];
  /** @type {number|null} */
  let offset = null;
  /** @param {number} mono */
  const reading = (mono) => Math.round(offset === null ? env.wall() + (mono - env.mono()) : mono + offset);
  return {
    /** @param {string} text */
    hear(text) {
      const t = Date.parse(text);
      if (isNaN(t)) return;
      const o = t - env.mono();
      // The daemon's clock was set, or this device slept and its own stood still.
      if (offset !== null && Math.abs(o - offset) > CLOCK_STEP_MS) samples = [];
      samples.push(o);
      if (samples.length > CLOCK_SAMPLES) samples.shift();
      offset = Math.max.apply(null, samples);
    },
    reading,
    now: () => reading(env.mono()),
  };
}

/**
 * @param {Env} env
 * @param {LinkOptions} options
 */
function feedURL(env, options) {
  const u = new URL(options.url || '/feed', env.location.href);
  if (u.protocol === 'http:') u.protocol = 'ws:';
  if (u.protocol === 'https:') u.protocol = 'wss:';
  u.searchParams.set('topic', options.topic);
  u.hash = '';
  return u.href;
}

/** @param {Env} env */
function nobodyTypes(env) {
  const e = env.document.activeElement;
  return !e || !/^(input|textarea|select)$/i.test(e.tagName || '') && !e.isContentEditable;
}

/**
 * @param {Partial<Env>} given
 * @returns {Env}
 */
function browser(given) {
  const g = /** @type {any} */ (globalThis);
  /** @type {any} */
  const env = {
    WebSocket: g.WebSocket,
    setTimeout: (/** @type {() => void} */ f, /** @type {number} */ ms) => g.setTimeout(f, ms),
    clearTimeout: (/** @type {any} */ id) => g.clearTimeout(id),
    wall: () => Date.now(),
    mono: () => g.performance.now(),
    random: Math.random,
    location: g.location,
    document: g.document,
    window: g,
  };
  // Reading sessionStorage itself throws where storage is forbidden.
  Object.defineProperty(env, 'sessionStorage', { get: () => g.sessionStorage, configurable: true, enumerable: true });
  Object.getOwnPropertyNames(given).forEach((k) => {
    Object.defineProperty(env, k, Object.assign({ configurable: true }, Object.getOwnPropertyDescriptor(given, k)));
  });
  return env;
}
