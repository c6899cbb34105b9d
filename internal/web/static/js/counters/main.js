// The counters to choose from. The server draws them; this keeps them fresh
// and lets a digit choose. Without it the page refreshes itself.

import { readPage, icon, setIcon } from '../lib/page.js';
import { connect } from '../lib/link.js';

const { page, t } = readPage();
const FRESH = 1000; // ms between two readings at least

document.addEventListener('keydown', (e) => {
  if (e.repeat || e.isComposing || e.ctrlKey || e.altKey || e.metaKey || e.shiftKey) return;
  // By its place on the keyboard: VNI types accents with the digits.
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(e.code);
  const seat = digit && document.querySelector(`.seat[data-key="${digit[1]}"]`);
  if (!seat) return;
  e.preventDefault();
  seat.focus();
  seat.click();
});

const sign = icon('link'), said = document.createElement('span');
document.getElementById('link').append(sign, said);

let reading = false, again = false;

/** Draws the list anew; who stands on a counter stays on it. */
async function refresh() {
  if (reading) { again = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (answer.redirected) { location.reload(); return; } // no longer signed in
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('counters');
      const old = document.getElementById('counters');
      if (fresh && fresh.innerHTML !== old.innerHTML) {
        const at = document.activeElement && document.activeElement.getAttribute('href');
        old.innerHTML = fresh.innerHTML;
        const seat = at && old.querySelector(`.seat[href="${CSS.escape(at)}"]`);
        if (seat) seat.focus();
      }
    }
  } catch (e) {
    // The link says that the centre is away; its next state asks again.
  }
  setTimeout(() => {
    reading = false;
    if (again) { again = false; refresh(); }
  }, FRESH);
}

connect({
  topic: page.topic,
  asset: page.asset,
  onState: refresh,
  onStatus: (state, detail) => {
    document.getElementById('link').setAttribute('data-link', state);
    setIcon(sign, state === 'stale' || state === 'refused' ? 'link-off' : 'link');
    said.textContent = t('common.link.' + state);
    if (state === 'refused' && detail.code === 4401) location.reload(); // revoked: the sign-in says so
  },
});
