// The screen beside the buttons. The server draws it; this keeps it fresh, turns
// its languages, and says so when it can no longer know.

import { readPage, icon, setIcon } from '../lib/page.js';
import { connect } from '../lib/link.js';

const { page, t } = readPage();
const TURN = 5000; // ms for each language: all of them within a number's time
const TICK = 1000; // ms between two looks while a number stands there
const REFUSED = 30000; // ms until a page the daemon does not want asks anew
const ALIVE = 5000; // ms between two signs of life for the display's watcher

let status = 'connecting', reading = false, again = false, tick = 0;

function link() {
  const el = document.getElementById('link'), name = status === 'stale' || status === 'refused' ? 'link-off' : 'link';
  if (!el.firstChild) el.append(icon(name), document.createElement('span'));
  setIcon(el.firstChild, name);
  el.lastChild.textContent = t('common.link.' + status);
  document.documentElement.dataset.link = status;
}

/** Draws the screen anew. */
async function refresh() {
  if (reading) { again = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (answer.redirected) { location.reload(); return; } // no longer allowed here
    const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('panel');
    const old = document.getElementById('panel');
    if (fresh) {
      fresh.querySelector('#link').replaceWith(old.querySelector('#link'));
      if (fresh.outerHTML !== old.outerHTML) old.replaceWith(fresh);
    }
  } catch (e) {
    // The link says that the centre is away; its next state asks again.
  }
  reading = false;
  clearTimeout(tick);
  if (again) { again = false; refresh(); } else if (document.querySelector('.numbers')) tick = setTimeout(refresh, TICK);
}

let turn = 0;
function next() {
  document.documentElement.dataset.turn = turn;
  turn = (turn + 1) % page.languages.length;
}
next();
if (page.languages.length > 1) setInterval(next, TURN);

link();
if (document.querySelector('.numbers')) tick = setTimeout(refresh, TICK);
const feed = connect({
  topic: page.topic,
  asset: page.asset,
  idle: () => !document.querySelector('.numbers'),
  onState: refresh,
  onStatus: (s) => {
    status = s;
    // The link asks no more; the page does, so that a screen comes back when it
    // has been paired or its point exists again.
    if (s === 'refused') setTimeout(() => location.reload(), REFUSED);
    link();
  },
});
// For the display's watcher, as on the wall: only a page that draws is alive.
const screen = new URLSearchParams(location.search).get('screen');
if (screen) {
  feed.report({ screen });
  setInterval(() => requestAnimationFrame(() => feed.alive()), ALIVE);
}
