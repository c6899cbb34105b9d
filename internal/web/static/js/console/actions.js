// What an officer may do now. Pure: the same desk and the same moment give the
// same answer; the server decides all the same.

/**
 * @typedef {{name: string, path: string, body: object, label: string}} Order a command ready to be sent
 * @typedef {{name: string, on: boolean, wait: number, order?: Order}} Act
 *   wait: whole seconds until the centre's rules allow it; 0 when they do.
 */

export const outcomes = ['papers_missing', 'filed_online', 'wrong_place', 'left'];
/** The places of the small buttons never change; what is large is left out. */
export const row = ['next', 'recall', 'start', 'finish', 'no_show', 'park', 'transfer'];
export const pauseReasons = ['break', 'lunch', 'desk_work', 'other'];
/** How long a pause may be said to last, in minutes; 0: not known. */
export const pauseMinutes = [5, 10, 15, 30, 60, 0];
/** The most legs a visit goes on to, and the most dossiers of a ticket. */
export const MAX_LEGS = 6, MAX_DOSSIERS = 99;
export const callReasons = ['accompanied', 'supervisor', 'correction', 'other'];

/** Free, called, serving, paused or closed: what the whole screen follows. */
export function modeOf(desk) {
  if (desk.current) return desk.current.state === 'serving' ? 'serving' : 'called';
  return desk.counter.state === 'open' ? 'free' : desk.counter.state;
}

/** The large buttons of each mode; the first one is the filled one. */
const large = {
  closed: ['open'],
  paused: ['open', 'close'],
  free: ['next'],
  called: ['start', 'recall'],
  serving: ['finish', 'finish_next'],
};

/**
 * The large buttons now: after so many calls without an answer the centre
 * proposes a no-show, which stays the officer's to say.
 */
export function largeOf(desk) {
  if (desk.current && desk.current.propose_no_show) return ['no_show', 'start'];
  const mode = modeOf(desk);
  return mode === 'free' && !desk.counter.draining ? ['next', 'direct'] : large[mode];
}

const at = (desk) => '/api/v1/counters/' + encodeURIComponent(desk.counter.id) + '/';

/**
 * Whole seconds left of so many since a moment, 0 when they are over; never
 * more than all of them, though this page's clock may be a little behind.
 */
const left = (seconds, since, now) => Math.min(seconds, Math.max(0, Math.ceil((since + seconds * 1000 - now) / 1000)));

/** When the present ticket may be called again. */
export function recallWait(desk, now) {
  const t = desk.current;
  return t ? left(desk.rules.recall_after, t.last_call || t.since, now) : 0;
}

/** When the present ticket may be marked as not there: after so many calls, or so long after the first. */
export function noShowWait(desk, now) {
  const t = desk.current;
  if (!t || t.calls >= desk.rules.no_show_calls) return 0;
  return left(desk.rules.no_show_after, t.since, now);
}

/**
 * @param {any} desk staff.Desk
 * @param {string} name
 * @param {number} now server time, ms
 * @returns {Act}
 */
export function act(desk, name, now) {
  const mode = modeOf(desk);
  const t = desk.current;
  const off = { name, on: false, wait: 0 };
  const ready = (path, body, label = '', wait = 0) => ({ name, on: wait === 0, wait, order: { name, path: at(desk) + path, body, label } });
  const held = (path, more = {}, wait = 0) => ready(path, { ticket: t.id, ...more }, t.label, wait);
  switch (name) {
    case 'open': return (mode === 'closed' || mode === 'paused') && desk.day.open ? ready('open', {}) : off;
    case 'close': return mode === 'free' || mode === 'paused' ? ready('close', {}) : off;
    case 'pause': return mode === 'free' ? { name, on: true, wait: 0 } : off;
    case 'direct': return { name, on: mode === 'free' && !desk.counter.draining && desk.lanes.length > 0, wait: 0 };
    case 'dossiers': case 'legs': return { name, on: !!t, wait: 0 };
    case 'rebook': return { name, on: rebookable(desk).length > 0, wait: 0 };
    case 'claim': return { name, on: desk.claims.length > 0, wait: 0 };
    case 'next': return mode === 'free' && desk.next.length > 0 ? ready('next', {}) : off;
    case 'start': return mode === 'called' ? held('start') : off;
    case 'recall': return mode === 'called' ? held('recall', {}, recallWait(desk, now)) : off;
    case 'no_show': return mode === 'called' ? held('no-show', {}, noShowWait(desk, now)) : off;
    case 'finish': return mode === 'serving' ? held('finish', { outcome: 'done' }) : off;
    case 'finish_next': return mode === 'serving' ? held('finish', { outcome: 'done', next: true }) : off;
    case 'park': return t ? held('park') : off;
    case 'transfer': return t && desk.targets.length > 0 ? { name, on: true, wait: 0 } : off;
    case 'to_next': return mode === 'free' && desk.next.length > 0 ? { name, on: true, wait: 0 } : off;
    case 'to_parked': return { name, on: desk.parked.some((k) => k.counter === desk.counter.number), wait: 0 };
    case 'to_missed': return { name, on: desk.missed.some((k) => k.returnable), wait: 0 };
    case 'to_slips': return { name, on: desk.slips.length > 0, wait: 0 };
    case 'help': return { name, on: true, wait: 0 };
  }
  if (outcomes.includes(name)) return mode === 'serving' ? held('finish', { outcome: name }) : off;
  return off;
}

/**
 * What may be taken back now: the counter's last command, or a later one on a
 * ticket which was given without a counter.
 * @param {any} desk staff.Desk
 * @param {{what: string, ticket: number, label: string, until: number}|null} own the last of those, as this page gave it
 * @param {number} now server time, ms
 */
export function undoOf(desk, own, now) {
  const last = desk.undo, late = own && (!last || own.until > last.until);
  const u = late ? own : last;
  if (!u || u.until <= now) return null;
  const path = late ? '/api/v1/tickets/' + u.ticket + '/undo' : at(desk) + 'undo';
  return { name: 'undo', on: true, wait: 0, undo: u, order: { name: 'undo', path, body: late ? {} : { ticket: u.ticket }, label: u.label } };
}

/** What may be turned into an appointment: numbers given out in a session. */
export function rebookable(desk) {
  const seen = new Set();
  return [...desk.parked, ...desk.missed, ...desk.claims, ...desk.next].filter((k) => k.session && !seen.has(k.id) && seen.add(k.id));
}

/** Whether a class is this role's to grant; a page that does not say who it is asks the server. */
export function mayGrant(desk, id, role) {
  const c = desk.classes.find((x) => x.id === id);
  return !role || !c || c.grant.includes(role);
}

/** An order at the counter which act does not know: it needs a choice first. */
export function counterOrder(desk, name, body, label = '') {
  return { name, path: at(desk) + name, body, label };
}

/** An order on a ticket wherever it is. */
export function ticketOrder(name, ticket, body = {}, verb = name) {
  return { name, path: '/api/v1/tickets/' + ticket.id + '/' + verb, body, label: ticket.label };
}

/** Confirms the class claimed at a button, or leaves the ticket as it is. */
export function claimOrder(ticket, name) {
  return ticketOrder(name, ticket, { class: name === 'confirm' ? ticket.claim : 'normal' }, 'class');
}

/** Whether the desk moved on so that a key struck for the old one must not count for the new. */
export function sameScreen(a, b) {
  return modeOf(a) === modeOf(b) && (a.current ? a.current.id : 0) === (b.current ? b.current.id : 0);
}

/** Letters without their marks, as people type them in a hurry: "ho tich" finds "Hộ tịch". */
export function plain(s) {
  return s.normalize('NFD').replace(/\p{Mn}/gu, '').replace(/[đĐ]/g, 'd').replace(/[ƀɃ]/g, 'b').replace(/['’ʼ]/g, '').toLowerCase();
}

/** The transfer targets whose words, in any language, number or letter hold every word typed. */
export function findTargets(targets, typed, words) {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  if (!wanted.length) return targets;
  return targets.filter((t) => {
    const text = plain(words(t));
    return wanted.every((w) => text.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(w)));
  });
}
