// The demonstration desk: a whole centre on one page, for who sees it first.

import { html, render, signal, computed, useEffect, useLayoutEffect, useRef } from '../../vendor/preact.js';
import { readPage, speak, words } from '../lib/page.js';
import { text, known } from '../lib/text.js';
import { connect } from '../lib/link.js';
import { uuid, refusalWords, moment } from '../lib/command.js';
import { Icon } from '../console/icon.js';
import { tapeOf, remember, eventWords } from './tape.js';

const { page, snapshot } = readPage();
const first = snapshot || {};

const panel = signal(first.panel || { buttons: [], language: 'vi' });
const paper = signal(first.paper || { tickets: [], printer: { ready: true, code: '' } });
const morning = signal(first.morning || { speed: 0, issued: 0, served: 0, waiting: 0 });
const counters = first.counters || [];
const link = signal('connecting');
const lang = signal(page.lang);
const tape = signal([]);
const trouble = signal(null);
/** Of the categories no number is given of now: why, and when again. */
const shut = signal({});
/** What the door said last: a problem, or the number that was taken. */
const door = signal(null);
/** Buttons whose press is on its way. */
const pressed = signal({});
const fault = signal(paper.value.fault || 'none');
const chosen = signal(counters.length ? String(counters[0].id) : '');
/** How far the visitor came: what was seen to happen while the page was open. */
const seen = signal({ press: false, paper: false, call: false });

const t = (key, args) => text(lang.value, key, args);
const w = (x) => words(x, lang.value, ...page.languages);

/** The step to take now: press, paper, call, wall. */
const step = computed(() => {
  const s = seen.value;
  if (s.call) return 4;
  if (s.paper) return 3;
  if (s.press) return 2;
  return 1;
});

const setLang = (l) => speak(l, () => {
  lang.value = l;
  document.title = t('demo.title');
});

/**
 * Asks for something; a lost reply is asked again once, with the same key.
 * @returns {Promise<any>} the answer, or null: then trouble says why
 */
async function ask(path, body, trouble) {
  const key = uuid();
  for (let n = 0; n < 2; n++) {
    try {
      const r = await fetch('/api/v1/' + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body: JSON.stringify(body),
        credentials: 'same-origin',
      });
      const answer = await r.json().catch(() => ({}));
      trouble.value = r.ok ? null : answer.code ? answer : { code: 'internal', reason: '' };
      return r.ok ? answer : null;
    } catch (e) { /* once more */ }
  }
  trouble.value = { code: 'network', reason: '' };
  return null;
}

/** How often the hours are looked at without a reason, and at most with one, in ms. */
const HOURS = 30000, HOURS_SOON = 1500;
let hoursAt = 0, hoursTimer = 0;

/** Learns for which categories numbers are given out. */
async function lookAtHours() {
  clearTimeout(hoursTimer);
  hoursTimer = setTimeout(lookAtHours, HOURS);
  hoursAt = Date.now();
  try {
    const r = await fetch('/api/v1/hours' + atPoint(), { credentials: 'same-origin' });
    const list = (await r.json()).hours.categories;
    shut.value = Object.fromEntries(list.filter((c) => c.closed).map((c) => [c.category, c.closed]));
  } catch (e) { /* the next look */ }
}
function lookSoon() {
  clearTimeout(hoursTimer);
  hoursTimer = setTimeout(lookAtHours, Math.max(0, hoursAt + HOURS_SOON - Date.now()));
}

/** Names the hall the panel stands in, where there are several. */
const atPoint = () => (panel.value.point ? '?point=' + encodeURIComponent(panel.value.point) : '');

/** Takes the panel to another hall. */
async function carry(point) {
  if (await ask('demo/point', { point }, trouble)) {
    panel.value = { ...panel.value, point };
    lookSoon();
  }
}

async function press(b) {
  if (pressed.value[b.id]) return;
  pressed.value = { ...pressed.value, [b.id]: true };
  if (b.kind === 'category') seen.value = { ...seen.value, press: true };
  await ask('demo/press', { button: b.id }, trouble);
  if (trouble.value) lookSoon();
  const rest = { ...pressed.value };
  delete rest[b.id];
  pressed.value = rest;
}

// --- the page

function Demo() {
  const s = step.value;
  return html`<div class="demo" data-link=${link.value} data-step=${s}>
    <header class="top">
      <div><p class="brand">motcua</p><h1>${t('demo.head')}</h1><p>${t('demo.lead')}</p></div>
      <p class=${'link ' + link.value} role="status"><${Icon} name=${link.value === 'live' ? 'tick' : link.value === 'connecting' ? 'clock' : 'offline'} />${t('common.link.' + link.value)}</p>
      <div class="languages" role="group" aria-label=${t('demo.language')}>
        ${page.languages.map((l) => html`<button type="button" key=${l} lang=${l} aria-pressed=${String(lang.value === l)} onClick=${() => setLang(l)}>${known('demo.language.' + l) ? t('demo.language.' + l) : l}</button>`)}
      </div>
    </header>
    <main>
      <section class="stage one" aria-labelledby="one"><${Caption} n=${1} id="one" /><${Panel} /></section>
      <section class="stage two" aria-labelledby="two"><${Caption} n=${2} id="two" /><${Printer} /></section>
      <div class="right">
        <section class="stage three" aria-labelledby="three"><${Caption} n=${3} id="three" /><${Counters} /></section>
        <section class="stage four" aria-labelledby="four"><${Caption} n=${4} id="four" /><${Wall} /></section>
        <section class="journal" aria-labelledby="tape-head"><${Tape} /></section>
      </div>
      <section class="switches" aria-label=${t('demo.more')}><${Morning} /><${Door} /><${Faults} /></section>
      ${chosen.value && html`<${Desk} />`}
    </main>
  </div>`;
}

const stepNames = ['', 'press', 'paper', 'call', 'wall'];

function Caption({ n, id }) {
  const now = step.value;
  const state = n === now ? 'now' : n < now ? 'done' : 'later';
  return html`<div class=${'caption ' + state}>
    <span class="n number" aria-hidden="true">${state === 'done' ? html`<${Icon} name="tick" />` : n}</span>
    <div><h2 id=${id}><span class="spoken">${n}. </span>${t('demo.step.' + stepNames[n])}</h2><p>${t('demo.step.' + stepNames[n] + '.do')}</p></div>
  </div>`;
}

// --- 1: the panel

function Panel() {
  const p = panel.value, all = p.buttons || [];
  const languages = all.filter((b) => b.kind === 'language');
  const keys = all.filter((b) => b.kind === 'category');
  const odd = ['fault', 'no_link', 'off'].find((l) => keys.length > 0 && keys.every((b) => b.lamp === l));
  return html`<div class="panel">
    ${(p.points || []).length > 1 && html`<div class="points options" role="group" aria-label=${t('demo.panel.point')}>${p.points.map((x) => html`<button type="button" key=${x.id} data-point=${x.id}
      aria-pressed=${String(x.id === p.point)} onClick=${() => carry(x.id)}>${w(x.name)}</button>`)}</div>`}
    <p class="plate"><span>${t('demo.panel.plate', {})}</span><small>${t('demo.panel.plate.second')}</small></p>
    ${languages.length > 0 && html`<div class="languages-row">${languages.map((b) => html`<${Key} key=${b.id} b=${b} chosen=${p.language ? p.language === b.id : b.lamp === 'ready'} />`)}</div>`}
    <div class="keys">${keys.map((b) => html`<${Key} key=${b.id} b=${b} />`)}</div>
    <p class="says" role="status">${trouble.value ? html`<span class="bad">${refusalWords(trouble.value, t, Date.now())}</span>` : t('demo.lamp.' + (odd || 'ready') + '.note')}</p>
  </div>`;
}

function Key({ b, chosen: on }) {
  const name = w(b.name), other = b.name && page.languages.map((l) => b.name[l]).find((x) => x && x !== name);
  const c = b.kind === 'category' && shut.value[b.id];
  const no = c ? t('demo.shut', { why: c.reason, has: c.next ? 'yes' : 'no', next: c.next ? t('error.next', moment(c.next, Date.now())) : '' }) : '';
  return html`<button type="button" class=${'key ' + b.kind} data-button=${b.id} data-lamp=${b.lamp} aria-busy=${pressed.value[b.id] ? 'true' : null}
      aria-pressed=${b.kind === 'language' ? String(!!on) : null} onClick=${() => press(b)}>
    <i class="lamp" aria-hidden="true"></i>
    ${b.kind === 'category' && html`<b class="number">${b.id}</b>`}
    <span class="name">${name}${no ? html`<small class="shut">${no}</small>` : b.kind === 'category' && other && html`<small>${other}</small>`}</span>
    <span class="spoken">, ${t('demo.lamp.' + b.lamp)}</span>
  </button>`;
}

// --- 2: the printer

/** A printer has 203 dots to the inch, a page 96 pixels: the paper is as large as in the hand. */
const px = (dots) => Math.round(dots * 96 / 203);

function Printer() {
  const p = paper.value, list = p.tickets || [];
  const top = list[0];
  const ready = p.printer && p.printer.ready;
  return html`<div class="printer">
    <div class=${'machine' + (ready ? '' : ' wrong')}>
      <p role="status"><i class="led" aria-hidden="true"></i>${printerWords(p.printer)}</p>
      <div class="slot"></div>
    </div>
    <div class="tray">
      ${top ? html`<${Paper} key=${'p' + top.n} ticket=${top} />` : html`<p class="nothing">${t('demo.paper.none')}</p>`}
    </div>
    ${list.length > 1 && html`<div class="older"><h3>${t('demo.paper.older')}</h3><ul>${list.slice(1, 7).map((x) => html`<li key=${x.n}><a href=${x.url} target="_blank" rel="noopener"><img src=${x.url} alt=${t('demo.paper.nth', { n: x.n })} width=${Math.round(px(x.width) / 5)} height=${Math.round(px(x.height) / 5)} /></a></li>`)}</ul></div>`}
  </div>`;
}

/** Papers that lay there when the page came do not slide out again. */
let newest = Math.max(0, ...(paper.value.tickets || []).map((x) => x.n));

function Paper({ ticket: x }) {
  const fresh = useRef(x.n > newest);
  useLayoutEffect(() => { newest = Math.max(newest, x.n); }, []);
  const h = px(x.height);
  return html`<div class=${'paper' + (fresh.current ? ' fresh' : '')} style=${{ width: px(x.width) + 'px', height: h + 'px' }} data-n=${x.n}>
    <a href=${x.url} target="_blank" rel="noopener"><img src=${x.url} width=${px(x.width)} height=${h} alt=${t('demo.paper.alt')} /></a></div>`;
}

function printerWords(p) {
  if (!p || p.ready) return t('demo.printer.ready');
  const keys = ['demo.printer.' + p.code, 'common.device.printer.' + p.code, 'common.device.printer.other'];
  return t(keys.find(known));
}

// --- 3: the counters

function Counters() {
  return html`<ul class="counters">
    ${counters.map((c) => html`<li key=${c.id}><a class=${'counter' + (chosen.value === String(c.id) ? ' chosen' : '')} href=${'/console/' + encodeURIComponent(c.id)} target="_blank" rel="noopener"
      aria-label=${t('demo.console.open', { n: c.number || c.id })}><span class="number">${c.number || c.id}</span></a></li>`)}
    <li class="here"><a href="#desk">${t('demo.console.here')}</a></li>
  </ul>`;
}

function Desk() {
  return html`<section class="desk" id="desk" aria-labelledby="desk-head">
    <div class="caption later"><span class="n number" aria-hidden="true">3</span>
      <div><h2 id="desk-head">${t('demo.console.head')}</h2><p>${t('demo.console.do')}</p></div>
      <div class="choose" role="group" aria-label=${t('demo.console.which')}>
        ${counters.map((c) => html`<button type="button" key=${c.id} aria-pressed=${String(chosen.value === String(c.id))} onClick=${() => { chosen.value = String(c.id); }}>
          <span class="spoken">${t('common.counter')} </span><span class="number">${c.number || c.id}</span></button>`)}
        <a href=${'/console/' + encodeURIComponent(chosen.value)} target="_blank" rel="noopener"><${Icon} name="out" />${t('demo.console.tab')}</a>
      </div></div>
    <iframe key=${chosen.value + lang.value} src=${'/console/' + encodeURIComponent(chosen.value) + '?lang=' + lang.value} title=${t('demo.console.title', { n: chosen.value })} loading="lazy"></iframe>
  </section>`;
}

// --- 4: the wall

const WALL = 1920;

function Wall() {
  const box = useRef(null);
  useEffect(() => {
    const fit = () => {
      const f = box.current && box.current.firstElementChild;
      if (f) f.style.transform = 'scale(' + box.current.clientWidth / WALL + ')';
    };
    fit();
    const watch = new ResizeObserver(fit);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  // The wall hangs where the panel stands.
  const src = '/display' + atPoint();
  return html`<div class="wall"><div class="screen" ref=${box}><iframe src=${src} title=${t('demo.wall.title')} tabindex="-1"></iframe></div>
    <a href=${src} target="_blank" rel="noopener"><${Icon} name="out" />${t('demo.wall.open')}</a></div>`;
}

// --- what else can be tried

function Switch({ title, note, options, value, words: say, pick }) {
  return html`<fieldset><legend>${title}</legend><p>${note}</p>
    <div class="options" role="group" aria-label=${title}>${options.map((o) => html`<button type="button" key=${o} aria-pressed=${String(o === value)} onClick=${() => pick(o)}>${say(o)}</button>`)}</div></fieldset>`;
}

function Morning() {
  const m = morning.value;
  const note = m.speed > 0 || m.issued > 0
    ? t('demo.morning.counts', { issued: m.issued, served: m.served, waiting: m.waiting })
    : t('demo.morning.note');
  return html`<${Switch} title=${t('demo.morning')} note=${note} options=${[0, 1, 10, 60]} value=${m.speed || 0}
    words=${(n) => (n === 0 ? t('demo.morning.stop') : t('demo.morning.speed', { n }))} pick=${(n) => ask('demo/morning', { speed: n }, trouble)} />`;
}

/** What comes without a button: an appointment's code, the receipt of a dossier. */
function Door() {
  const box = useRef(null);
  const take = async (path, body) => {
    const answer = await ask(path, body, door);
    if (!answer) return;
    door.value = { took: answer.label, late: answer.late };
    if (box.current) box.current.value = '';
  };
  const enter = (e) => {
    e.preventDefault();
    const code = box.current.value.trim().toUpperCase();
    if (code) take('appointments/' + encodeURIComponent(code) + '/check-in', {});
  };
  const said = door.value;
  return html`<fieldset class="door"><legend>${t('demo.door')}</legend>
    <p role="status">${!said ? t('demo.door.note') : said.took ? t('demo.door.took', { x: said.took, late: said.late ? 'yes' : 'no' }) : html`<span class="bad">${refusalWords(said, t, Date.now())}</span>`}</p>
    <form class="options" onSubmit=${enter}><input ref=${box} aria-label=${t('demo.door.code')} placeholder=${t('demo.door.code')} maxlength="32" autocomplete="off" spellcheck=${false} />
      <button type="submit">${t('demo.door.in')}</button>
      <button type="button" onClick=${() => take('tickets', { entry: 'receipt', ...(panel.value.point ? { point: panel.value.point } : {}) })}>${t('demo.door.receipt')}</button></form></fieldset>`;
}

const FAULTS = ['none', 'paper_out', 'cover_open', 'cut_cable', 'silent', 'slow'];

function Faults() {
  return html`<${Switch} title=${t('demo.faults')} note=${t('demo.fault.' + fault.value + '.note')} options=${FAULTS} value=${fault.value}
    words=${(f) => t('demo.fault.' + f)} pick=${async (f) => { if (await ask('demo/printer', { fault: f }, trouble)) fault.value = f; }} />`;
}

// --- the journal

function Tape() {
  return html`<h2 id="tape-head">${t('demo.tape')}</h2><p>${t('demo.tape.note')}</p>
    <ol class="tape">${tape.value.map((e) => html`<li key=${e.seq}><span class="seq number">${e.seq}</span><time class="number">${e.time}</time><span>${eventWords(e, t, known)}</span></li>`)}
      ${tape.value.length === 0 && html`<li class="none">${t('demo.tape.none')}</li>`}</ol>`;
}

// --- start

document.title = t('demo.title');
const root = document.getElementById('app');
root.textContent = '';
render(html`<${Demo} />`, root);

const follow = (topic, into, take) => connect({
  topic,
  asset: page.asset,
  initial: { epoch: page.epoch, seq: page.seq, state: into.value },
  onState: (s) => { if (s) { if (take) take(s); into.value = s; } },
  onStatus: topic === 'panel' ? (s) => { link.value = s; } : undefined,
});
follow('panel', panel);
follow('paper', paper, (s) => {
  if ((s.tickets || []).some((x) => x.n > newest)) seen.value = { ...seen.value, press: true, paper: true };
  fault.value = s.fault || 'none';
});
follow('morning', morning);
connect({
  topic: 'staff',
  asset: page.asset,
  onState: (s) => remember(s),
  onEvents: (events) => {
    tape.value = tapeOf(tape.value, events);
    lookSoon();
    if (seen.value.paper && events.some((e) => e.type === 'ticket.called.v1')) seen.value = { ...seen.value, call: true };
  },
});
lookAtHours();
