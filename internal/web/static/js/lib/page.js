// What the server put into the page: who it is, the snapshot it was drawn
// from, and the texts.

import { load, speaks, text } from './text.js';

const json = (id, from = document) => {
  const el = from.getElementById(id);
  return el ? JSON.parse(el.textContent) : null;
};

/**
 * @typedef {{face: string, lang: string, languages: string[], topic: string, epoch: string, seq: number, asset: string}} Page
 * @returns {{page: Page, snapshot: any, t: (key: string, args?: Object<string, any>) => string}}
 */
export function readPage() {
  load(json('text') || { keys: [], texts: {} });
  const page = json('page');
  return { page, snapshot: json('snapshot'), t: (key, args) => text(page.lang, key, args) };
}

let wanted = '';

/**
 * Turns the page to a language. Its texts come with the same page in that
 * language, which the server then remembers as the one chosen; without a
 * connection the page stays as it is.
 * @param {string} lang
 * @param {(lang: string) => void} turned called when its texts are here, unless another was asked for since
 */
export async function speak(lang, turned) {
  wanted = lang;
  const u = new URL(location.href);
  u.searchParams.set('lang', lang);
  if (!speaks(lang)) {
    try {
      const r = await fetch(u, { credentials: 'same-origin', headers: { Accept: 'text/html' } });
      const other = new DOMParser().parseFromString(await r.text(), 'text/html');
      const is = json('page', other);
      if (is && is.face === json('page').face) load(json('text', other)); // else a sign-in, or an error
    } catch (e) { /* said by the link */ }
  }
  if (wanted !== lang || !speaks(lang)) return;
  document.documentElement.lang = lang;
  history.replaceState(null, '', u);
  turned(lang);
}

/** The words of a {lang: words} text in the first language that has any. */
export function words(t, ...langs) {
  if (!t) return '';
  for (const l of langs) if (t[l]) return t[l];
  return t.vi || '';
}

const SVG = 'http://www.w3.org/2000/svg';
const sprite = new URL('../../icons.svg', import.meta.url).pathname;

/** A drawing of icons.svg; the word always stands beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Changes an icon in place. */
export function setIcon(svg, name) {
  const use = svg.firstElementChild, href = `${sprite}#${name}`;
  if (use.getAttribute('href') !== href) use.setAttribute('href', href);
}

const clocks = new Map();

/** "09:42" of an instant in ms since 1970, in the centre's zone wherever the screen stands. */
export function clock(ms, zone = 'Asia/Ho_Chi_Minh') {
  let f = clocks.get(zone);
  if (!f) clocks.set(zone, f = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }));
  return f.format(ms);
}

/** An age in ms as {n, unit} for "common.stale.age". */
export function age(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 120) return { n: s, unit: 's' };
  if (s < 7200) return { n: Math.floor(s / 60), unit: 'min' };
  return { n: Math.floor(s / 3600), unit: 'h' };
}

/** Counter numbers written short: 1 2 3 5 is "1–3, 5". */
export function ranges(numbers) {
  const n = Array.from(new Set(numbers || [])).sort((a, b) => a - b);
  const out = [];
  for (let i = 0, j; i < n.length; i = j + 1) {
    for (j = i; j + 1 < n.length && n[j + 1] === n[j] + 1;) j++;
    if (j - i >= 2) out.push(`${n[i]}–${n[j]}`);
    else for (let k = i; k <= j; k++) out.push(n[k]);
  }
  return out.join(', ');
}
