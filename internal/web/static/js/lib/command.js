// Commands to the centre: one at a time, each with a key of its own, so that
// however often a request must be sent again it is done once.
//
// A command's key lives in sessionStorage until there is a final answer, so a
// reload in the middle sends the same request again instead of a second one.

import { signal } from '../../vendor/preact.js';
import { clock } from './page.js';
import { known } from './text.js';

/** How long one attempt may take, and how long attempts go on, in ms. */
export const ATTEMPT = 5000;
export const PATIENCE = 30000;
/** Pauses between attempts, in ms; the last one repeats. */
const PAUSES = [400, 1000, 2000, 3000];

/**
 * A UUIDv4. crypto.randomUUID is missing on plain http pages, so it is made
 * from getRandomValues, which is not.
 * @returns {string}
 */
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
  return hex.slice(0, 8) + '-' + hex.slice(8, 12) + '-' + hex.slice(12, 16) + '-' + hex.slice(16, 20) + '-' + hex.slice(20);
}

/**
 * @typedef {{key: string, path: string, body: object, name: string, label: string, at: number}} Intent
 *   What was asked: name and label (a ticket's number, or "") are for words only.
 * @typedef {{type?: string, title?: string, status: number, detail?: string, code: string, reason: string, hint?: string, wait?: number, next?: number}} Problem
 * @typedef {{phase: 'idle'|'sending'|'retrying'|'unknown', intent: Intent|null}} Progress
 *   unknown: no answer in 30 s; nobody knows whether it was done.
 */

/**
 * @param {{store: string, done: (i: Intent, answer: any) => void, refused: (i: Intent, p: Problem) => void}} o
 *   store: the sessionStorage entry of this page. done and refused get the final answer.
 */
export function commander({ store, done, refused }) {
  /** @type {{value: Progress}} */
  const progress = signal({ phase: 'idle', intent: null });
  let turn = 0; // a newer turn ends the older one's attempts

  function keep(intent) {
    try {
      if (intent) sessionStorage.setItem(store, JSON.stringify(intent));
      else sessionStorage.removeItem(store);
    } catch (e) { /* storage is full or forbidden: a reload forgets the key, nothing else */ }
  }

  function settle() {
    keep(null);
    progress.value = { phase: 'idle', intent: null };
  }

  /** @param {Intent} intent */
  async function run(intent) {
    const mine = ++turn;
    const until = Date.now() + PATIENCE;
    progress.value = { phase: 'sending', intent };
    for (let n = 0; ; n++) {
      const answer = await attempt(intent);
      if (mine !== turn) return;
      if (answer.ok) {
        settle();
        done(intent, answer.body);
        return;
      }
      if (answer.problem) {
        settle();
        refused(intent, answer.problem);
        return;
      }
      const pause = PAUSES[Math.min(n, PAUSES.length - 1)];
      if (Date.now() + pause >= until) {
        progress.value = { phase: 'unknown', intent };
        return;
      }
      progress.value = { phase: 'retrying', intent };
      await new Promise((r) => setTimeout(r, pause));
      if (mine !== turn) return;
    }
  }

  return {
    progress,
    /** Whether an answer is being waited for. */
    busy: () => progress.value.phase === 'sending' || progress.value.phase === 'retrying',
    /**
     * Asks for something. It is false, and nothing is sent, while the answer
     * to an earlier command is being waited for.
     * @param {string} name @param {string} path @param {object} body @param {string} [label]
     */
    send(name, path, body, label = '') {
      if (this.busy()) return false;
      const intent = { key: uuid(), path, body, name, label, at: Date.now() };
      keep(intent);
      run(intent);
      return true;
    },
    /** Asks once more, with the same key, for what had no answer. */
    retry() {
      if (progress.value.phase === 'unknown') run(progress.value.intent);
    },
    /** Gives up on what had no answer: the screen will show what became of it. */
    forget() {
      if (progress.value.phase !== 'unknown') return;
      turn++;
      settle();
    },
    /** Takes up the command a reload interrupted. */
    resume() {
      let intent = null;
      try { intent = JSON.parse(sessionStorage.getItem(store) || 'null'); } catch (e) { /* not ours */ }
      if (!intent || !intent.key || !intent.path) return;
      if (Date.now() - intent.at < PATIENCE) run(intent);
      else progress.value = { phase: 'unknown', intent };
    },
  };
}

/**
 * One try. Neither ok nor problem means that nobody knows: the reply was lost,
 * came too late, or was not ours.
 * @param {Intent} intent
 * @returns {Promise<{ok?: boolean, body?: any, problem?: Problem}>}
 */
async function attempt(intent) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ATTEMPT);
  try {
    const r = await fetch(intent.path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': intent.key },
      body: JSON.stringify(intent.body),
      credentials: 'same-origin',
      signal: stop.signal,
    });
    let body = null;
    try { body = await r.json(); } catch (e) { if (stop.signal.aborted) return {}; }
    if (r.ok) return { ok: true, body };
    if (body && body.code) return { problem: { ...body, status: r.status, reason: body.reason || '' } };
    // Refused by something in between (sign-in, size, rate): final, unless it may pass.
    if (r.status >= 400 && r.status < 500 && r.status !== 408 && r.status !== 429) {
      return { problem: { status: r.status, code: r.status === 401 || r.status === 403 ? 'denied' : 'invalid', reason: '', detail: body && body.detail } };
    }
    return {};
  } catch (e) {
    return {};
  } finally {
    clearTimeout(timer);
  }
}

// --- what a refusal says to a person, in the page's texts

const ZONE = 7 * 3600e3; // of every centre, all year

/** The arguments of "error.next": when something is to be had again, seen from now (ms since 1970). */
export function moment(next, now) {
  const at = new Date(next + ZONE), day = (ms) => Math.floor((ms + ZONE) / 864e5);
  return {
    day: day(next) === day(now) ? 'today' : 'other',
    weekday: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][at.getUTCDay()],
    d: at.getUTCDate(), m: at.getUTCMonth() + 1, at: clock(next),
  };
}

/**
 * The sentences of a refusal: what is wrong, and what to do; '' without any.
 * @param {Problem} p
 * @param {(key: string, args?: object) => string} t
 * @param {number} now server time in ms
 */
export function refusalWords(p, t, now) {
  const key = ['error.' + p.code + '.' + p.reason, 'error.' + p.code].find(known);
  if (!key) return [p.detail, p.hint].filter(Boolean).join(' ');
  const args = { wait: p.wait || 0, name: t('error.name'), has: p.next ? 'yes' : 'no', next: p.next ? t('error.next', moment(p.next, now)) : '' };
  return t(key, args) + (known(key + '.hint') ? ' ' + t(key + '.hint', args) : '');
}
