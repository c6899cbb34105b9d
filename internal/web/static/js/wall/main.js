// The wall display: draws the board into the places the template made.

import { connect } from '../lib/link.js';
import { readPage, words, setIcon, clock, age, ranges } from '../lib/page.js';
import { text } from '../lib/text.js';
import { Stage } from './stage.js';
import { cut } from './strip.js';

const { page, snapshot } = readPage();
const langs = page.languages;
const $ = (id) => document.getElementById(id);

const wall = $('wall');
const callBox = $('call'), heroHead = $('hero-head'), marks = $('hero-marks');
const recentRows = Array.from(document.querySelectorAll('#recent li'), (li) => ({
  li, label: li.querySelector('.label'), mark: li.querySelector('.m'), jump: li.querySelector('.j'), counter: li.querySelector('.counter'),
}));
const soonPlaces = Array.from(document.querySelectorAll('#soon li'));
const laneRows = Array.from(document.querySelectorAll('#lanes tbody tr'), (tr) => ({
  tr, letter: tr.querySelector('.letter'), n1: tr.querySelector('.n1'), n2: tr.querySelector('.n2 .turns'),
  now: tr.querySelector('.now'), next: tr.querySelector('.next'), waiting: tr.querySelector('.waiting'),
  cell: tr.querySelector('.counters'), counters: tr.querySelector('.counters .number'), shut: tr.querySelector('.shut'),
}));

const TURN_MS = 8000; // one language, and one page of lanes
const REFUSED_MS = 30000;
const ALIVE_MS = 5000;
const LOST_MS = 60000; // from here on the hall is sent to the counters

/** @type {any} the board, display.Board */
let board = snapshot;
let status = 'connecting';
/** server time of the last frame */
let lastFrame = page.now;
let turn = 0;
let lanePage = 0;

/** Changes a text only when it differs: an unchanged node is not laid out again. */
function put(el, s) {
  s = String(s);
  if (el.textContent !== s) el.textContent = s;
}
function show(el, on) { if (el.hidden === on) el.hidden = !on; }

/** Puts a text into a place of several languages. @param {(lang: string) => string} of */
function putTurns(el, of) {
  if (!el) return;
  const box = el.classList.contains('turns') ? el : el.querySelector('.turns');
  for (const one of box.children) put(one, of(one.lang));
}
const name = (t) => (lang) => words(t, lang, ...langs);
const said = (key, args) => (lang) => text(lang, key, args);

const stage = new Stage({
  now: () => performance.now(),
  later: (f, ms) => setTimeout(f, ms),
  change: (fresh) => { drawCalls(fresh); drawLanes(); },
});

function drawCalls(fresh) {
  const hero = stage.hero;
  const state = hero ? 'call' : board.day.open ? 'first' : (board.calls || []).length || stage.seen ? 'over' : 'closed';
  wall.dataset.state = state;
  if (hero) {
    put($('hero-label'), hero.label);
    put($('hero-counter'), hero.counter);
    callBox.classList.toggle('long', hero.label.length > 4);
    callBox.classList.toggle('wide', /[MW]/.test(hero.label));
    callBox.classList.toggle('over', !hero.active);
    heroHead.classList.toggle('over-head', !hero.active);
    const nth = marks.querySelector('.nth');
    show(nth, hero.nth > 1);
    if (hero.nth > 1) putTurns(nth, said('wall.nth', { n: hero.nth }));
    show(marks.querySelector('.jump'), Boolean(hero.out_of_order));
    putTurns(marks.querySelector('.at'), said('wall.stale.called', { time: clock(hero.at) }));
    if (fresh) pulse();
  }
  let anyMark = false, anyJump = false;
  const rest = stage.rest(recentRows.length);
  recentRows.forEach((row, i) => {
    const c = rest[i];
    put(row.label, c ? c.label : '');
    put(row.counter, c ? c.counter : '');
    row.li.classList.toggle('long', Boolean(c && c.label.length > 4));
    show(row.mark, Boolean(c && c.mark));
    show(row.jump, Boolean(c && c.out_of_order));
    anyMark = anyMark || Boolean(c && c.mark);
    anyJump = anyJump || Boolean(c && c.out_of_order);
  });
  show($('legend'), anyMark);
  show($('rule').querySelector('.r-rule'), !anyJump);
  show($('rule').querySelector('.r-jump'), anyJump);
}

let calm = 0;
function pulse() {
  callBox.classList.remove('fresh');
  void callBox.offsetWidth; // begins the animation anew
  callBox.classList.add('fresh');
  clearTimeout(calm);
  calm = setTimeout(() => callBox.classList.remove('fresh'), 10000);
}

/** About how wide a list of counters is set in Noto Sans. */
function ems(list) {
  let w = 0;
  for (const c of list) w += c === ',' || c === ' ' ? 0.265 : c === '–' ? 0.5 : 0.572;
  return w;
}

/** The lanes worth their room: served, waited in, or called today. */
function lanesShown() {
  const all = board.lanes || [];
  const live = all.filter((l) => l.open || l.waiting > 0 || l.now);
  return live.length ? live : all;
}

function drawLanes() {
  const lanes = lanesShown();
  const pages = Math.max(1, Math.ceil(lanes.length / laneRows.length));
  const per = Math.ceil(lanes.length / pages);
  if (lanePage >= pages) lanePage = 0;
  put($('lane-page'), pages > 1 ? `${lanePage + 1}/${pages}` : '');
  const hero = stage.hero;
  laneRows.forEach((row, i) => {
    const l = i < per ? lanes[lanePage * per + i] : undefined;
    row.tr.classList.toggle('empty', !l);
    put(row.letter, l ? l.category : '');
    const first = l ? words(l.name, ...langs) : '';
    put(row.n1, first);
    row.n1.classList.toggle('tight', first.length > 15);
    row.n1.classList.toggle('tighter', first.length > 21);
    if (row.n2) putTurns(row.n2, l ? name(l.name) : () => '');
    put(row.now, l ? l.now || '' : '');
    put(row.next, l ? l.next || '' : '');
    put(row.waiting, l ? l.waiting : '');
    const list = l && l.open ? ranges(l.counters) : '';
    put(row.counters, list);
    row.cell.classList.toggle('some', ems(list) > 3.1);
    row.cell.classList.toggle('many', ems(list) > 3.7);
    show(row.shut, Boolean(l && !l.open));
    row.tr.classList.toggle('hot', Boolean(l && hero && hero.active && l.now === hero.label));
  });
}

function drawSoon() {
  const soon = board.soon || [];
  const fits = soon.some((s) => s.length > 4) ? 2 : 3;
  soonPlaces.forEach((li, i) => put(li, i < fits && soon[i] || ''));
}

// --- the strip

/** What the strip has to say, as pages that fit, in the order they are shown. */
let stripPages = [];
let stripAt = 0;
let stripKey = '';
const notice = $('notice'), sign = document.querySelector('.strip .sign svg');
const signs = { printer: 'printer', panel: 'alert', notice: 'info', rule: 'info' };

function planStrip() {
  const says = [];
  for (const d of board.devices || []) {
    if ((d.kind === 'printer' || d.kind === 'panel') && !says.some((s) => s.kind === d.kind)) says.push({ kind: d.kind, of: said('wall.' + d.kind) });
  }
  if (board.centre.notice && Object.values(board.centre.notice).some(Boolean)) says.push({ kind: 'notice', of: name(board.centre.notice) });
  if (!says.length) says.push({ kind: 'rule', of: said('wall.rule.strip') });
  const key = JSON.stringify([says.map((s) => [s.kind, langs.map(s.of)]), innerWidth, innerHeight]);
  if (key === stripKey) return;
  stripKey = key;
  stripPages = [];
  for (const s of says) {
    for (const lang of langs) {
      for (const words of cut(s.of(lang), notice)) {
        if (!stripPages.some((p) => p.words === words && p.kind === s.kind)) stripPages.push({ kind: s.kind, lang, words });
      }
    }
  }
  stripAt = 0;
  drawStrip();
}

function drawStrip() {
  const p = stripPages[stripAt % stripPages.length];
  wall.dataset.strip = p.kind;
  if (!off()) setIcon(sign, signs[p.kind]);
  if (notice.childElementCount) notice.textContent = ''; // the server's words, in all languages
  notice.lang = p.lang;
  put(notice, p.words);
}

// --- link, clock, turns

function off() { return status === 'stale' || status === 'refused'; }

function drawLink() {
  document.body.dataset.link = status;
  document.body.classList.toggle('off', off());
  setIcon(document.querySelector('#link svg'), off() ? 'link-off' : 'link');
  putTurns($('link'), said('common.link.' + status));
  setIcon(sign, off() ? 'link-off' : signs[wall.dataset.strip] || 'info');
  setIcon(heroHead.querySelector('svg'), 'call');
  tick();
}

let link;
function tick() {
  const now = link ? link.now() : page.now;
  put($('clock'), board.timeless ? '' : clock(now));
  const silent = now - lastFrame;
  const lost = off() && silent > LOST_MS;
  document.body.classList.toggle('long-lost', lost);
  if (lost) setIcon(heroHead.querySelector('svg'), 'alert');
  if (off()) {
    const lang = langs[turn % langs.length];
    const key = status === 'refused' ? 'wall.refused' : 'common.stale';
    put($('lost').firstElementChild, text(lang, key));
    put($('age'), status === 'refused' ? '' : text(lang, 'common.stale.age', age(silent)));
  }
}

/** Every eight seconds: the other language, the next page of lanes, the next notice. */
function nextTurn() {
  turn++;
  document.documentElement.dataset.turn = String(turn % langs.length);
  const pages = Math.max(1, Math.ceil(lanesShown().length / laneRows.length));
  if (pages > 1) {
    lanePage = (lanePage + 1) % pages;
    fade(laneRows[0].tr.parentElement, drawLanes);
  }
  if (stripPages.length > 1) {
    stripAt = (stripAt + 1) % stripPages.length;
    fade(notice, drawStrip);
  }
  tick();
}
function fade(el, change) {
  el.classList.add('turning');
  setTimeout(() => { change(); el.classList.remove('turning'); }, 400);
}

function onState(state, place) {
  board = state;
  stage.board(board.calls || [], place.epoch, board.day.open);
  drawCalls(false);
  drawLanes();
  drawSoon();
  planStrip();
  putTurns($('unit'), name(board.centre.unit));
  putTurns($('name'), name(board.point_name && Object.keys(board.point_name).length ? board.point_name : board.centre.name));
}

document.documentElement.dataset.turn = '0';
document.body.classList.toggle('alone', langs.length < 2);
onState(board, { epoch: page.epoch });
link = connect({
  topic: page.topic,
  asset: page.asset,
  initial: { epoch: page.epoch, seq: page.seq, state: snapshot },
  onState,
  onStatus(s, detail) {
    status = s;
    // The link asks no more; the page as a whole does, so that a screen
    // comes back when it has been paired or its point exists again.
    // One that was revoked shows the code by which it is paired again.
    if (s === 'refused') setTimeout(() => (detail.code === 4401 ? location.assign('/pair?as=board') : location.reload()), REFUSED_MS);
    if (detail.lastFrame) lastFrame = detail.lastFrame;
    drawLink();
  },
  idle: () => true,
});
drawLink();
// A display's watcher asks the daemon whether its screen still lives. Only a
// page that draws can say so: a frozen board is the worst failure there is.
const screen = new URLSearchParams(location.search).get('screen');
if (screen) {
  link.report({ screen });
  setInterval(() => requestAnimationFrame(() => link.alive()), ALIVE_MS);
}
setInterval(tick, 1000);
setInterval(nextTurn, TURN_MS);
addEventListener('resize', planStrip);
if (document.fonts && document.fonts.ready) document.fonts.ready.then(() => { stripKey = ''; planStrip(); });
document.documentElement.dataset.up = '1';
