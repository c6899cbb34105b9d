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
export const callReasons = ['accompanied', 'supervisor', 'correction', 'other'];

/** Free, called, serving, paused or closed: what the whole screen follows. */
export function modeOf(desk) {
  if (desk.current) return desk.current.state === 'serving' ? 'serving' : 'called';
  return desk.counter.state === 'open' ? 'free' : desk.counter.state;
}

/** The large buttons of each mode; the first one is the filled one. */
export const large = {
  closed: ['open'],
  paused: ['open', 'close'],
  free: ['next'],
  called: ['start', 'recall'],
  serving: ['finish', 'finish_next'],
};

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
  const at = '/api/v1/counters/' + encodeURIComponent(desk.counter.id) + '/';
  const t = desk.current;
  const off = { name, on: false, wait: 0 };
  const ready = (path, body, label = '', wait = 0) => ({ name, on: wait === 0, wait, order: { name, path: at + path, body, label } });
  const held = (path, more = {}, wait = 0) => ready(path, { ticket: t.id, ...more }, t.label, wait);
  switch (name) {
    case 'open': return (mode === 'closed' || mode === 'paused') && desk.day.open ? ready('open', {}) : off;
    case 'close': return mode === 'free' || mode === 'paused' ? ready('close', {}) : off;
    case 'pause': return mode === 'free' ? { name, on: true, wait: 0 } : off;
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

/** Orders about tickets that are not at the counter. */
export function pauseOrder(desk, reason) {
  return { name: 'pause', path: '/api/v1/counters/' + encodeURIComponent(desk.counter.id) + '/pause', body: { reason }, label: '' };
}

export function callOrder(desk, ticket, reason) {
  const body = reason ? { ticket: ticket.id, reason } : { ticket: ticket.id };
  return { name: 'call', path: '/api/v1/counters/' + encodeURIComponent(desk.counter.id) + '/call', body, label: ticket.label };
}

export function unparkOrder(desk, ticket) {
  return { name: 'unpark', path: '/api/v1/counters/' + encodeURIComponent(desk.counter.id) + '/unpark', body: { ticket: ticket.id }, label: ticket.label };
}

export function transferOrder(desk, target, mode) {
  const t = desk.current;
  const body = { ticket: t.id, mode };
  if (target.category) body.to_category = target.category;
  if (target.counter) body.to_counter = target.counter;
  return { name: 'transfer', path: '/api/v1/counters/' + encodeURIComponent(desk.counter.id) + '/transfer', body, label: t.label };
}

export function reactivateOrder(ticket) {
  return { name: 'reactivate', path: '/api/v1/tickets/' + ticket.id + '/reactivate', body: {}, label: ticket.label };
}

export function reprintOrder(ticket) {
  return { name: 'reprint', path: '/api/v1/tickets/' + ticket.id + '/reprint', body: {}, label: ticket.label };
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
