// The page behind the slip's code: one ticket, followed live.

import { connect } from '../lib/link.js';
import { readPage, words, icon, setIcon, clock, age, ranges } from '../lib/page.js';

const { page, snapshot, t } = readPage();
const $ = (id) => document.getElementById(id);
const signs = { waiting: 'wait', called: 'call', serving: 'desk', parked: 'closed', no_show: 'alert', finished: 'check', cancelled: 'closed', expired: 'clock' };

/** @type {any} display.Ticket */
let ticket = snapshot;
let status = 'connecting';
let lastFrame = page.now;
let link;

function put(el, s) { if (el.textContent !== s) el.textContent = s; }
function pair(id, big, small) {
  const li = $(id);
  put(li.querySelector('b'), big);
  const span = li.querySelector('span');
  if (span) put(span, small || '');
}

function headline(s) {
  switch (s.state) {
    case 'waiting': return s.ahead === 0 && (s.counters || []).length ? t('ticket.soon') : t('common.state.waiting');
    case 'called': return t('ticket.called.go', { counter: s.counter });
    case 'serving': return t('ticket.serving.at', { counter: s.counter });
    case 'no_show': return t('ticket.missed');
    default: return t(s.rebooked ? 'ticket.rebooked' : 'ticket.' + s.state);
  }
}
function advice(s) {
  if (s.rebooked) {
    const d = new Date(s.rebooked.slot + 7 * 3600e3); // the centres' time: UTC+7 all year
    const weekday = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][d.getUTCDay()];
    return t('ticket.rebooked.hint', { weekday, d: d.getUTCDate(), m: d.getUTCMonth() + 1, at: clock(s.rebooked.slot), code: s.rebooked.code });
  }
  switch (s.state) {
    case 'no_show': return t('ticket.missed.hint');
    case 'parked': case 'finished': case 'cancelled': case 'expired': return t(`ticket.${s.state}.hint`);
    default: return s.claimed ? t('ticket.claimed') : '';
  }
}

let before = '';
function draw() {
  const s = ticket;
  $('ticket').dataset.state = s.state;
  put($('state'), headline(s));
  setIcon(document.querySelector('.state svg'), signs[s.state] || 'info');
  put($('label'), s.label);
  put($('category'), words(s.category, page.lang));
  put($('advice'), advice(s));
  pair('fact-to', t('common.counter.n', { n: s.counter || '' }), s.called_at ? t('ticket.called.at', { time: clock(s.called_at) }) : '');
  pair('fact-ahead', t('ticket.ahead', { n: s.ahead }), s.now ? t('ticket.now', { label: s.now }) : t('ticket.now.none'));
  const list = ranges(s.counters), n = (s.counters || []).length;
  const area = [s.point, s.area].map((w) => words(w, page.lang)).filter(Boolean).join(', ');
  if (!n) pair('fact-where', t('ticket.where.none'), t('ticket.where.none.hint'));
  else if (area) pair('fact-where', area, t('ticket.where.hint', { n, list }));
  else pair('fact-where', t('ticket.where.counters', { n, list }), t('ticket.where.wait'));
  $('fact-then').hidden = !s.then;
  if (s.then) pair('fact-then', s.then.map((w) => words(w, page.lang)).join(' → '), t('ticket.then'));
  $('fact-slot').hidden = !s.slot;
  if (s.slot) pair('fact-slot', t('ticket.slot', { time: clock(s.slot) }), t('ticket.slot.hint'));
  $('promise').hidden = !s.no_pass;
  if (s.no_pass) put($('promise'), t('ticket.nopass', { time: clock(s.no_pass + 59999) })); // rounded up: a promise
  document.title = s.state === 'called' ? t('ticket.title.called', { label: s.label, counter: s.counter }) : t('ticket.title', { label: s.label });
  // A phone in the hand: a short buzz when called, where that is allowed.
  if (before && before !== s.state && s.state === 'called' && navigator.vibrate) navigator.vibrate([200, 100, 200]);
  before = s.state;
}

const sign = icon('link'), word = document.createElement('span');
function drawLink() {
  document.body.dataset.link = status;
  setIcon(sign, status === 'stale' ? 'link-off' : status === 'refused' ? 'clock' : 'link');
  const now = link ? link.now() : page.now;
  put(word, status === 'stale' ? `${t('common.stale')} (${t('common.stale.age', age(now - lastFrame))})` : status === 'refused' ? t('ticket.refresh') : t('common.link.' + status));
  put($('updated'), t('ticket.updated', { time: clock(status === 'live' ? now : lastFrame) }));
}

if (ticket && ticket.label) {
  $('link').append(sign, word);
  draw();
  link = connect({
    topic: page.topic,
    asset: page.asset,
    initial: { epoch: page.epoch, seq: page.seq, state: ticket },
    onState(s) { ticket = s; draw(); },
    onStatus(s, detail) {
      status = s;
      if (s === 'refused') setTimeout(() => location.reload(), 20000); // as without a script
      if (detail.lastFrame) lastFrame = detail.lastFrame;
      drawLink();
    },
    idle: () => true,
  });
  drawLink();
  setInterval(drawLink, 5000);
}
document.documentElement.dataset.up = '1';
