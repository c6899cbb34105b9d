// Tests of link.js with a socket and a clock made here. Open link.test.html:
// the title becomes "ok N" or "FAILED: …", the page lists every test.

import { connect } from './link.js';

/** A clock that moves when told, and everything else a link uses of a browser. */
function world() {
  let now = 0;
  let nextID = 1;
  /** @type {{id: number, at: number, f: () => void}[]} */
  let timers = [];
  const w = {
    sockets: [],
    reloads: 0,
    stored: {},
    epochMS: Date.parse('2026-03-02T07:30:00.000Z'),
    env: {},
    /** Lets ms pass, running what falls due in order. */
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const due = timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
        if (!due) break;
        timers = timers.filter((t) => t !== due);
        now = Math.max(now, due.at);
        due.f();
      }
      now = end;
    },
    /** Time passes, but no timer runs, as in a device asleep. */
    sleep(ms) {
      now += ms;
    },
    last() {
      return w.sockets[w.sockets.length - 1];
    },
    serverNow() {
      return new Date(w.epochMS + now).toISOString();
    },
  };
  class FakeSocket {
    constructor(url) {
      this.url = url;
      this.readyState = 0;
      this.sent = [];
      this.dropped = false;
      w.sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.dropped = true;
      this.readyState = 2;
    }
    // What the far end does:
    accept() {
      this.readyState = 1;
      if (this.onopen) this.onopen({});
    }
    say(frame) {
      if (this.onmessage) this.onmessage({ data: JSON.stringify(frame) });
    }
    hello(more) {
      this.say(Object.assign({ type: 'hello', proto: 1, server: 'v1', asset: 'a1', epoch: 'e1', seq: 5, now: w.serverNow() }, more));
    }
    snap(seq, state, epoch) {
      this.say({ type: 'snap', topic: 't', epoch: epoch || 'e1', seq, state: state === undefined ? { n: seq } : state });
    }
    ev(prev, seq) {
      const events = [];
      for (let s = prev + 1; s <= seq; s++) events.push(s);
      this.say({ type: 'ev', prev, seq, events });
    }
    hb(seq) {
      this.say({ type: 'hb', seq, now: w.serverNow() });
    }
    end(code, reason) {
      this.readyState = 3;
      if (this.onclose) this.onclose({ code, reason: reason || '' });
    }
  }
  w.env = {
    WebSocket: FakeSocket,
    setTimeout: (f, ms) => {
      timers.push({ id: nextID, at: now + ms, f });
      return nextID++;
    },
    clearTimeout: (id) => {
      timers = timers.filter((t) => t.id !== id);
    },
    wall: () => 1000 + now, // a tablet that thinks it is 1970
    mono: () => now,
    random: () => 0.5,
    location: { href: 'https://motcua.local/display/hall-a?x=1#y', reload: () => w.reloads++ },
    document: Object.assign(new EventTarget(), { visibilityState: 'visible', activeElement: null }),
    window: new EventTarget(),
    sessionStorage: {
      getItem: (k) => (k in w.stored ? w.stored[k] : null),
      setItem: (k, v) => {
        w.stored[k] = v;
      },
    },
  };
  return w;
}

/** A page that writes down all that its link tells it. */
function page(w, more) {
  const p = { states: [], events: [], statuses: [], details: [], link: null };
  p.link = connect(
    Object.assign(
      {
        topic: 'board:hall-a',
        env: w.env,
        onState: (s) => p.states.push(s),
        onStatus: (s, d) => {
          p.statuses.push(s);
          p.details.push(d);
        },
      },
      more
    )
  );
  return p;
}

function streamPage(w, more) {
  const events = [];
  const p = page(w, Object.assign({ topic: 'staff', onEvents: (es) => es.forEach((e) => events.push(e)) }, more));
  p.events = events;
  return p;
}

function equal(got, want, what) {
  const g = JSON.stringify(got);
  const x = JSON.stringify(want);
  if (g !== x) throw new Error((what || 'value') + ': got ' + g + ', want ' + x);
}

const tests = {
  'a board: hello, snap, live'() {
    const w = world();
    const p = page(w);
    equal(w.last().url, 'wss://motcua.local/feed?topic=board%3Ahall-a', 'url');
    w.last().accept();
    w.last().hello();
    equal(p.link.status(), 'connecting', 'status after hello alone');
    w.last().snap(5);
    equal(p.states, [{ n: 5 }]);
    equal(p.statuses.slice(-1), ['live']);
    equal(w.last().sent, [], 'a board has nothing to resume');
  },

  'the url may be given, and follows the page to ws'() {
    const w = world();
    w.env.location = { href: 'http://192.168.1.5:8080/display', reload() {} };
    page(w, { url: '/hub/feed?key=1' });
    equal(w.last().url, 'ws://192.168.1.5:8080/hub/feed?key=1&topic=board%3Ahall-a');
  },

  'the snapshot in the page is shown, once the page has its link'() {
    const w = world();
    const p = page(w, { initial: { epoch: 'e1', seq: 4, state: { n: 4 } } });
    equal(p.states, []);
    w.pass(0);
    equal(p.states, [{ n: 4 }]);
    equal(p.link.place(), { epoch: 'e1', seq: 4 });
  },

  'a stream resumes from the snapshot in the page'() {
    const w = world();
    const p = streamPage(w, { initial: { epoch: 'e1', seq: 4, state: { n: 4 } } });
    w.pass(0);
    w.last().accept();
    equal(w.last().sent, [{ type: 'resume', epoch: 'e1', seq: 4 }]);
    w.last().hello({ seq: 5 });
    equal(p.link.status(), 'connecting', 'status with an event still to come');
    w.last().ev(4, 5);
    equal(p.events, [5]);
    equal(p.link.status(), 'live');
  },

  'a stream that missed nothing is live at hello'() {
    const w = world();
    const p = streamPage(w, { initial: { epoch: 'e1', seq: 5, state: {} } });
    w.last().accept();
    w.last().hello({ seq: 5 });
    equal(p.link.status(), 'live');
  },

  'a stream that has nothing says so'() {
    const w = world();
    streamPage(w);
    w.last().accept();
    equal(w.last().sent, [{ type: 'resume', epoch: '', seq: 0 }]);
  },

  'events come once and in order; frames known already are dropped'() {
    const w = world();
    const p = streamPage(w);
    w.last().accept();
    w.last().hello();
    w.last().snap(5);
    w.last().ev(5, 7);
    w.last().ev(5, 7);
    w.last().ev(6, 7);
    w.last().ev(7, 8);
    equal(p.events, [6, 7, 8]);
    equal(p.link.place(), { epoch: 'e1', seq: 8 });
  },

  'a frame that starts before the snapshot holds only what follows it'() {
    const w = world();
    const p = streamPage(w);
    w.last().accept();
    w.last().hello();
    w.last().snap(6);
    w.last().say({ type: 'ev', prev: 3, seq: 9, events: [9] }); // a topic without events 4 to 8
    equal(p.events, [9]);
  },

  'a gap asks for the missing part once'() {
    const w = world();
    const p = streamPage(w);
    w.last().accept();
    w.last().hello();
    w.last().snap(5);
    w.last().sent = [];
    w.last().ev(7, 8);
    w.last().ev(8, 9);
    equal(w.last().sent, [{ type: 'resume', epoch: 'e1', seq: 5 }]);
    equal(p.events, []);
    w.last().ev(5, 8);
    w.last().ev(8, 9);
    equal(p.events, [6, 7, 8, 9]);
  },

  'a gap may be mended by a snapshot'() {
    const w = world();
    const p = streamPage(w);
    w.last().accept();
    w.last().snap(5);
    w.last().ev(7, 8);
    w.last().snap(8);
    w.last().ev(8, 9);
    equal([p.states, p.events], [[{ n: 5 }, { n: 8 }], [9]]);
  },

  'a heartbeat shows a gap too, and a link that cannot mend it starts anew'() {
    const w = world();
    streamPage(w);
    const s = w.last();
    s.accept();
    s.snap(5);
    s.sent = [];
    s.hb(6);
    equal(s.sent.length, 1, 'resume sent');
    s.hb(6);
    equal(s.dropped, false, 'one heartbeat may have been on its way');
    s.hb(6);
    equal(s.dropped, true, 'dropped');
    w.pass(1000);
    equal(w.sockets.length, 2, 'sockets');
  },

  'a page that throws on events gets a whole state'() {
    const w = world();
    const quiet = console.error;
    console.error = () => {};
    try {
      streamPage(w, {
        onEvents: () => {
          throw new Error('broken page');
        },
      });
      w.last().accept();
      w.last().snap(5);
      w.last().sent = [];
      w.last().ev(5, 6);
      equal(w.last().sent, [{ type: 'resume', epoch: '', seq: 0 }]);
    } finally {
      console.error = quiet;
    }
  },

  'ten seconds without a frame: stale, and a new socket'() {
    const w = world();
    const p = page(w);
    const s = w.last();
    s.accept();
    s.hello();
    s.snap(5);
    w.pass(9999);
    equal(p.link.status(), 'live');
    w.pass(1);
    equal(p.link.status(), 'stale');
    equal(s.dropped, true);
    w.pass(250);
    equal(w.sockets.length, 2);
    w.last().accept();
    w.last().hello();
    equal(p.link.status(), 'stale', 'hello alone mends nothing');
    w.last().snap(6);
    equal(p.link.status(), 'live');
  },

  'heartbeats keep it live'() {
    const w = world();
    const p = page(w);
    w.last().accept();
    w.last().hello();
    w.last().snap(5);
    for (let i = 0; i < 20; i++) {
      w.pass(5000);
      w.last().hb(5);
    }
    equal([w.sockets.length, p.statuses], [1, ['connecting', 'live']]);
  },

  'refused connections do not put off staleness'() {
    const w = world();
    const p = page(w);
    w.last().accept();
    w.last().hello();
    w.last().snap(5);
    w.last().end(1006);
    equal(p.link.status(), 'connecting');
    for (let i = 0; i < 999; i++) {
      w.pass(10);
      if (w.last().readyState === 0) w.last().end(1006);
    }
    equal(p.link.status(), 'connecting');
    w.pass(10);
    equal(p.link.status(), 'stale');
  },

  'never connected: stale after ten seconds'() {
    const w = world();
    const p = page(w, { initial: { epoch: 'e1', seq: 4, state: {} } });
    w.pass(10000);
    equal(p.link.status(), 'stale');
    w.pass(60000);
    equal(w.sockets.length > 3, true, 'goes on trying, past sockets that hang');
  },

  'back-off doubles from half a second to ten, with full jitter'() {
    const w = world();
    let luck = 0.999999;
    w.env.random = () => luck;
    page(w);
    const waits = [];
    for (let i = 0; i < 7; i++) {
      const n = w.sockets.length;
      w.last().end(1006);
      let ms = 0;
      while (w.sockets.length === n) {
        w.pass(1);
        ms++;
      }
      waits.push(ms);
    }
    equal(waits, [500, 1000, 2000, 4000, 8000, 10000, 10000]);
    w.last().accept();
    w.last().hello();
    w.last().snap(1);
    w.last().hb(1);
    w.last().end(1012, 'restarting');
    w.pass(500);
    equal(w.last().readyState, 0, 'after a heartbeat it starts over');
    luck = 0;
    w.last().end(1013);
    const n = w.sockets.length;
    w.pass(0);
    equal(w.sockets.length, n + 1, 'full jitter reaches down to nothing');
  },

  'restarting and too slow connect again and resume'() {
    [1012, 1013].forEach((code) => {
      const w = world();
      const p = streamPage(w);
      w.last().accept();
      w.last().hello();
      w.last().snap(5);
      w.last().end(code, 'words');
      equal(p.link.status(), 'connecting');
      equal(p.details[p.details.length - 1].code, code);
      w.pass(500);
      w.last().accept();
      equal(w.last().sent, [{ type: 'resume', epoch: 'e1', seq: 5 }]);
    });
  },

  'not paired, not allowed, no such topic: stops and says so'() {
    [4401, 4403, 4404].forEach((code) => {
      const w = world();
      const p = page(w);
      w.last().accept();
      w.last().end(code, 'words');
      equal(p.link.status(), 'refused');
      equal(p.details[p.details.length - 1], { outdated: false, code, reason: 'words' });
      w.env.window.dispatchEvent(new Event('online'));
      w.pass(60000);
      equal(w.sockets.length, 1, 'sockets');
      equal(p.statuses, ['refused']);
    });
  },

  'online: a new socket at once'() {
    const w = world();
    page(w);
    w.last().accept();
    w.last().hello();
    w.last().snap(5);
    const old = w.last();
    w.env.window.dispatchEvent(new Event('online'));
    equal([w.sockets.length, old.dropped], [2, true]);
  },

  'visible again: checks the frames, not the socket'() {
    const w = world();
    const p = page(w);
    w.last().accept();
    w.last().hello();
    w.last().snap(5);
    w.env.document.dispatchEvent(new Event('visibilitychange'));
    equal(w.sockets.length, 1, 'a fresh link is left alone');
    w.sleep(3600000);
    equal(w.last().readyState, 1, 'half-open still says OPEN');
    w.env.document.dispatchEvent(new Event('visibilitychange'));
    equal([w.sockets.length, p.link.status()], [2, 'stale']);
  },

  'visible again during back-off: connects at once'() {
    const w = world();
    page(w);
    w.last().end(1006);
    w.env.document.dispatchEvent(new Event('visibilitychange'));
    equal(w.sockets.length, 2);
    w.pass(5000);
    equal(w.sockets.length, 2, 'and the waiting attempt is dropped');
  },

  'an old socket has no say any more'() {
    const w = world();
    const p = page(w);
    const old = w.last();
    old.accept();
    w.env.window.dispatchEvent(new Event('online'));
    old.snap(99);
    old.end(4401);
    equal([p.states, p.link.status()], [[], 'connecting']);
  },

  'now is the server\'s, whatever the device believes'() {
    const w = world();
    const p = page(w);
    equal(p.link.now(), 1000, 'before the first frame');
    w.last().accept();
    w.last().hello();
    equal(p.link.now(), w.epochMS);
    w.pass(700);
    equal(p.link.now(), w.epochMS + 700);
    w.last().say({ type: 'hb', seq: 1, now: new Date(w.epochMS + 500).toISOString() }); // 200 ms late
    equal(p.link.now(), w.epochMS + 700, 'a late frame does not set it back');
    w.epochMS += 3600000; // the daemon got its time
    w.last().hb(1);
    equal(p.link.now(), w.epochMS + 700, 'a step is followed');
  },

  'new pages: one reload, once idle'() {
    const w = world();
    let idle = false;
    page(w, { asset: 'a0', idle: () => idle });
    w.last().accept();
    w.last().hello();
    w.last().snap(5);
    w.pass(5000);
    w.last().hb(5);
    equal(w.reloads, 0, 'not while busy');
    idle = true;
    w.last().hb(5);
    w.pass(5000);
    equal(w.reloads, 1);
    w.last().hb(5);
    w.pass(5000);
    // The page came back as it was: a cache between, or a half-done upgrade.
    const p = page(w, { asset: 'a0', idle: () => true });
    w.last().accept();
    w.last().hello();
    w.last().snap(5);
    w.pass(9000);
    equal(w.reloads, 1, 'no loop');
    equal(p.details[p.details.length - 1].outdated, true);
  },

  'without an asset of its own a page takes the first it hears'() {
    const w = world();
    page(w);
    w.last().accept();
    w.last().hello({ asset: 'a1' });
    w.last().end(1012);
    w.pass(500);
    w.last().accept();
    w.last().hello({ asset: 'a2' });
    w.pass(5000);
    equal(w.reloads, 1);
  },

  'nobody is reloaded in the middle of a word'() {
    const w = world();
    w.env.document.activeElement = { tagName: 'INPUT' };
    page(w, { asset: 'a0' });
    w.last().accept();
    w.last().hello();
    w.pass(6000);
    equal(w.reloads, 0);
  },

  'no storage, no reload: nothing would stop a loop'() {
    const w = world();
    Object.defineProperty(w.env, 'sessionStorage', {
      get: () => {
        throw new Error('denied');
      },
    });
    page(w, { asset: 'a0' });
    w.last().accept();
    w.last().hello();
    w.pass(6000);
    equal(w.reloads, 0);
  },

  'a daemon that speaks another protocol is not guessed at'() {
    const w = world();
    const p = page(w);
    w.last().accept();
    w.last().hello({ proto: 2 });
    equal(p.link.status(), 'refused');
    equal(p.details[p.details.length - 1].outdated, true);
  },

  'reports are gathered, and told again after a reconnect'() {
    const w = world();
    const p = page(w);
    w.last().accept();
    w.last().hello();
    p.link.report({ audio: 'ready' });
    p.link.report({ last_spoken: 7 });
    w.pass(1000);
    const want = [{ type: 'status', audio: 'ready', last_spoken: 7 }];
    equal(w.last().sent, want);
    p.link.report({ audio: 'ready' });
    w.pass(1000);
    equal(w.last().sent, want, 'nothing new');
    w.last().end(1012);
    w.pass(500);
    w.last().accept();
    w.last().hello();
    equal(w.last().sent, want, 'again');
  },

  'a page that still runs says so, changed or not'() {
    const w = world();
    const p = page(w);
    w.last().accept();
    w.last().hello();
    p.link.report({ screen: 'hall-1' });
    w.pass(1000);
    p.link.alive();
    p.link.alive();
    const one = { type: 'status', screen: 'hall-1' };
    equal(w.last().sent, [one, one, one]);
  },

  'close is the end'() {
    const w = world();
    const p = page(w);
    w.last().accept();
    w.last().hello();
    p.link.close();
    w.pass(60000);
    w.env.window.dispatchEvent(new Event('online'));
    equal([w.sockets.length, w.last().dropped], [1, true]);
  },

  'what is not JSON costs the socket, not the page'() {
    const w = world();
    const quiet = console.error;
    console.error = () => {};
    try {
      page(w);
      w.last().accept();
      w.last().onmessage({ data: '<html>' });
    } finally {
      console.error = quiet;
    }
    equal(w.last().dropped, true);
    w.pass(500);
    equal(w.sockets.length, 2);
  },
};

/** Runs all tests; resolves to a line per test. */
function run() {
  const lines = [];
  const failed = [];
  Object.keys(tests).forEach((name) => {
    try {
      tests[name]();
      lines.push('ok      ' + name);
    } catch (err) {
      failed.push(name + ': ' + err.message);
      lines.push('FAILED  ' + name + ': ' + err.message);
    }
  });
  return { lines, failed };
}

export const results = run();

if (typeof document !== 'undefined') {
  const log = document.getElementById('log');
  if (log) log.textContent = results.lines.join('\n');
  document.title = results.failed.length ? 'FAILED: ' + results.failed.join('; ') : 'ok ' + results.lines.length;
}
