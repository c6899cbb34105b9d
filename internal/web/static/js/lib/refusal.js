// What a refusal says to a person, in the page's texts.

import { clock } from './page.js';
import { known } from './text.js';

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
 * @param {import('./command.js').Problem} p
 * @param {(key: string, args?: object) => string} t
 * @param {number} now server time in ms
 */
export function refusalWords(p, t, now) {
  const key = ['error.' + p.code + '.' + p.reason, 'error.' + p.code].find(known);
  if (!key) return [p.detail, p.hint].filter(Boolean).join(' ');
  const args = { wait: p.wait || 0, name: t('error.name'), has: p.next ? 'yes' : 'no', next: p.next ? t('error.next', moment(p.next, now)) : '' };
  return t(key, args) + (known(key + '.hint') ? ' ' + t(key + '.hint', args) : '');
}
