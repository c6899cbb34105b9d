// The pieces of the console, top to bottom.

import { html, useEffect, useRef } from '../../vendor/preact.js';
import { age } from '../lib/page.js';
import { desk, lang, link, now, dialog, refusal, toast, menu, page, orders, progress, pending, undoable, t, w, clock, minutesSince, setLang, press, send, refusalWords, reasonWords } from './state.js';
import { act, modeOf, largeOf, row, outcomes, counterOrder, ticketOrder, claimOrder, mayGrant } from './actions.js';
import { caps } from './keys.js';
import { Icon } from './icon.js';

/** Parked longer than this many minutes is worth a word. */
const PARKED_LONG = 15;
/** A planned break is announced so long before, in ms. */
const BREAK_SOON = 15 * 60000;

export const Cap = ({ of, k }) => html`<span class="caps" aria-hidden="true">${(k ? [k] : caps(of)).map((c) => html`<kbd>${c}</kbd>`)}</span>`;

const aria = (name) => caps(name).join('+').replace('?', 'Shift+Slash');

/** A button for something the keyboard can do too. */
export function Act({ name, cls = '', word = '', children }) {
  const a = act(desk.value, name, now.value);
  const busy = pending.value === name;
  return html`<button type="button" class=${'act ' + cls + (a.wait > 0 ? ' waiting' : '')} data-act=${name} onClick=${() => press(name)}
      aria-disabled=${a.on ? null : 'true'} aria-busy=${busy ? 'true' : null} aria-keyshortcuts=${aria(name)}>
    <${Cap} of=${name} /><span class="word">${word && html`<span class="spoken">${t('console.do.' + name)}: </span>`}${word || t('console.do.' + name)}</span>${busy && html`<span class="spoken">${t('console.busy')}</span><i class="running" aria-hidden="true"></i>`}
    ${a.wait > 0 && html`<span class="count" data-wait=${name}><span class="spoken">${t('console.in')} </span>${a.wait}<span class="unit"> ${t('console.s')}</span></span>`}
    ${children}
  </button>`;
}

const Letter = ({ of }) => html`<b class="letter number">${of}</b>`;
const Label = ({ of }) => html`<b class="label number">${of}</b>`;

export function ClassMark({ ticket }) {
  if (ticket.class === 'normal') return null;
  return html`<span class="class"><${Icon} name="star" />${w(ticket.class_name) || ticket.class}</span>`;
}

// --- the bar

export function Bar() {
  const d = desk.value, c = d.counter, mode = modeOf(d);
  const mine = d.lanes.filter((l) => l.mine);
  const chip = { closed: ['closed', 'mute'], paused: ['pause', 'warn'] }[c.state] || ['tick', 'ok'];
  return html`<header class="bar">
    <h1 class="counter"><span class="spoken">${w(d.centre)}: </span>${t('common.counter')} <span class="number">${c.number}</span></h1>
    <ul class="skills" aria-label=${t('console.skills')}>
      ${mine.map((l) => html`<li key=${l.category}><${Letter} of=${l.category} />${mine.length <= 3 && html`<span>${w(l.name)}</span>`}</li>`)}
    </ul>
    <p class=${'chip ' + chip[1]}><${Icon} name=${chip[0]} />
      ${t('console.state.' + c.state, { at: c.since ? clock(c.since) : '–', known: c.since ? 'yes' : 'no', why: c.pause ? t('console.pause.' + c.pause) : '', has: c.pause ? 'yes' : 'no', until: c.until ? clock(c.until) : '', ends: c.until ? 'yes' : 'no' })}</p>
    ${c.state === 'open' && c.break && c.break.from - now.value < BREAK_SOON && html`<p class="chip warn"><${Icon} name="pause" />${d.current && c.break.from <= now.value
      ? t('console.break.after', { to: clock(c.break.to) }) : t('console.break.soon', { from: clock(c.break.from) })}</p>`}
    <span class="gap"></span>
    <p class="served">${t('console.served', { n: c.served })}</p>
    <${Connection} />
    <p class="clock number" aria-hidden="true">${clock(now.value)}</p>
    <div class=${'tools' + (menu.value ? ' shown' : '')} id="tools">
      ${mode === 'closed' || mode === 'paused' ? null : html`<${Act} name="pause" />`}
      ${mode === 'closed' || mode === 'paused' ? null : html`<${Act} name="close" />`}
      ${d.claims.length > 0 && html`<${Act} name="claim" cls="narrow" />`}
      <div class="languages" role="group" aria-label=${t('console.language')}>
        ${page.languages.map((l) => html`<button type="button" key=${l} lang=${l} aria-pressed=${String(lang.value === l)} onClick=${() => setLang(l)}>
          <span class="short" aria-hidden="true">${l.toUpperCase()}</span><span class="spoken">${t('console.language.' + l)}</span></button>`)}
      </div>
      <button type="button" class="act help" data-act="help" onClick=${() => press('help')}><kbd aria-hidden="true">?</kbd><span class="word">${t('console.keys')}</span></button>
    </div>
    <button type="button" class="menu" aria-expanded=${String(menu.value)} aria-controls="tools" onClick=${() => { menu.value = !menu.value; }}>
      <${Icon} name="menu" /><span class="spoken">${t('console.menu')}</span></button>
  </header>`;
}

function Connection() {
  const l = link.value;
  const tone = { live: 'ok', connecting: 'warn', stale: 'bad', refused: 'bad' }[l.state];
  const stale = l.state === 'stale' || l.state === 'refused';
  return html`<p class=${'link ' + tone} data-link=${l.state} role="status">
    <${Icon} name=${l.state === 'live' ? 'tick' : l.state === 'connecting' ? 'clock' : 'offline'} />
    <span class="said">${l.state === 'stale' ? t('common.stale') : t('common.link.' + l.state)}</span>
    ${stale && l.since > 0 && html`<span class="age" aria-live="off">${t('common.stale.age', age(now.value - l.since))}</span>`}
  </p>`;
}

// --- the ticket in hand

export function Slip() {
  const d = desk.value, mode = modeOf(d);
  return html`<section class=${'slip ' + mode} aria-labelledby="slip-head">
    ${d.current ? html`<${Ticket} ticket=${d.current} key=${'t' + d.current.id} />` : html`<${Empty} mode=${mode} key="empty" />`}
    ${d.counter.draining && html`<p class="why draining"><${Icon} name="info" /><span><b>${t('console.draining.head')}</b> ${t('console.draining.body')}</span></p>`}
    ${d.current && html`<${Visit} ticket=${d.current} />`}
    ${d.current && d.current.propose_no_show ? html`<p class="why propose" role="status"><${Icon} name="clock" /><span><b>${t('console.propose', { n: d.current.calls })}</b> ${t('console.propose.note')}</span></p>` : html`<${Why} />`}
    <${Buttons} mode=${mode} />
  </section>`;
}

function Ticket({ ticket: k }) {
  const serving = k.state === 'serving';
  const waited = Math.max(0, Math.round(((k.first_call || now.value) - (k.wait_since || k.issued)) / 60000));
  return html`<div class="ticket">
    <div class="stub">
      <h2 class=${'phase ' + k.state} id="slip-head"><${Icon} name=${serving ? 'play' : 'call'} />
        ${serving ? t('common.state.serving') : t('console.called', { n: k.calls || 1 })}</h2>
      <p class=${'big number' + (k.label.length > 4 ? ' long' : '')} id="n">${k.label}</p>
    </div>
    <div class="facts">
      <p class="category">${w(k.name)}</p>
      <p class="line">${k.class === 'normal' ? html`<span>${w(k.class_name) || t('console.normal')}</span>` : html`<${ClassMark} ticket=${k} />`}
        ${k.entry !== 'direct' && html`<span>${t('console.taken', { at: clock(k.issued) })}</span>`}${entryWords(k) && html`<span class=${k.slot ? 'due' : ''}>${entryWords(k)}</span>`}</p>
      <dl>
        <div><dt>${t('console.waited')}</dt><dd><b>${waited}</b> ${t('console.minutes')}</dd></div>
        <div class="run"><dt>${serving ? t('console.serving.time') : t('console.called.time')}</dt>
          <dd><b data-run>${span(now.value - (serving ? k.started || k.since : k.last_call || k.since))}</b>
          ${serving && k.minutes > 0 && html`<${Usual} from=${k.started || k.since} minutes=${k.minutes} />`}</dd></div>
      </dl>
    </div>
  </div>`;
}

/** How it came in, where that says something. */
function entryWords(k) {
  if (k.slot) return t('console.entry.slot', { at: clock(k.slot) });
  return t('console.entry', { by: k.entry || '', at: clock(k.issued) });
}

/** The legs of the visit, over, now and to come, and what of the ticket may be changed. */
function Visit({ ticket: k }) {
  const past = k.past || [], then = k.then || [];
  const n = past.length + 1, all = n + then.length;
  return html`<div class="visit">
    <p class="of">${all > 1 ? t('console.visit', { n, all }) : t('console.legs.none')}</p>
    ${all > 1 && html`<ol class="legs" aria-label=${t('console.visit.legs')}>
      ${past.map((x, i) => html`<li class="over" key=${i}><span><${Icon} name="tick" />${w(x.name) || x.category}</span>
        <small>${t('console.leg.times', { wait: Math.round(x.wait / 60000), service: Math.round(x.service / 60000), k: x.counter || 0 })}</small></li>`)}
      <li class="now" key="now" aria-current="step"><b>${w(k.name)}</b></li>
      ${then.map((x, i) => html`<li key=${'t' + i}><span>${w(x.name)}</span></li>`)}
    </ol>`}
    <div class="change"><${Act} name="dossiers" word=${t('console.dossiers', { n: k.dossiers })} /><${Act} name="legs" /></div>
  </div>`;
}

/** "04:31" of a duration in ms. */
function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  return s < 3600 ? two(Math.floor(s / 60)) + ':' + two(s % 60) : Math.floor(s / 3600) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(s % 60);
}

/** How far the service is against what such a matter usually takes: the mark in the middle. */
function Usual({ from, minutes }) {
  const part = Math.min(1, Math.max(0, (now.value - from) / (minutes * 120000)));
  return html`<span class="usual"><span class="track" aria-hidden="true"><span class="fill" style=${{ transform: 'scaleX(' + part.toFixed(3) + ')' }}></span></span>
    <small>${t('console.usual', { n: minutes })}</small></span>`;
}

function Empty({ mode }) {
  const d = desk.value, first = d.next[0];
  const mine = d.lanes.filter((l) => l.mine);
  const waiting = mine.reduce((n, l) => n + l.waiting, 0);
  let head, body;
  if (!d.day.open && mode === 'closed') {
    head = t('console.day.head'); body = t('console.day.body');
  } else if (mode === 'closed') {
    head = t('console.closed.head', { n: d.counter.number }); body = t('console.closed.body', { n: waiting });
  } else if (mode === 'paused') {
    const until = d.counter.until, over = until ? Math.floor((now.value - until) / 60000) : 0;
    head = t('console.paused.head', { n: d.counter.number });
    body = (until ? t(over > 0 ? 'console.paused.over' : 'console.paused.until', { at: clock(until), n: over }) + ' ' : '') + t('console.paused.body', { n: waiting });
  } else if (first) {
    head = t('console.ready.head'); body = null;
  } else {
    head = t('console.empty.head', { n: d.counter.number });
    body = t('console.empty.body', { names: list(mine.map((l) => w(l.name))) });
  }
  return html`<div class="empty">
    <svg viewBox="0 0 92 80" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2"><path d="M8 6h76v52l-6.300 6-6.300-6-6.400 6-6.300-6-6.300 6-6.400-6-6.300 6-6.300-6-6.400 6-6.300-6-6.300 6L8 58zM22 20h26" /><path d="M22 30h14v16H22zM40 30h14v16H40zM58 30h14v16H58z" stroke-dasharray="3 3" /></svg>
    <div><h2 id="slip-head">${head}</h2>
      ${first && mode === 'free' ? html`<p>${t('console.ready.body', { n: waiting })} <b class="number">${first.label}</b>, ${w(first.name)}<${ClassMark} ticket=${first} />, ${t('console.has.waited', { n: minutesSince(first.wait_since || first.issued) }).replace(/\.$/, '')}.</p>` : html`<p>${body}</p>`}
    </div>
  </div>`;
}

/** "A, B hoặc C" */
function list(names) {
  if (names.length < 2) return names.join('');
  return names.slice(0, -1).join(', ') + ' ' + t('common.or') + ' ' + names[names.length - 1];
}

function Why() {
  const d = desk.value;
  const k = d.current || (modeOf(d) === 'free' && d.next[0]) || null;
  const said = k ? reasonWords(k, d.current ? k.reason : k.why) : '';
  if (!said) return null;
  return html`<p class="why"><${Icon} name="info" /><span><b>${t(d.current ? 'console.why' : 'console.why.next')}</b> ${said}</span></p>`;
}

function Buttons({ mode }) {
  const d = desk.value;
  const top = largeOf(d);
  const box = useRef(null);
  const had = useRef(''), was = useRef(mode);
  // Who pressed the large button with Enter presses the one that took its
  // place with Enter too; it is guarded against the same key stroke.
  useEffect(() => {
    const lost = document.activeElement === document.body || !document.activeElement;
    if (lost && had.current && !dialog.value) {
      // Within a mode a button only moves, as when a no-show is proposed: the
      // focus goes along with it, and not to what now stands in its place.
      const same = was.current === mode && box.current && box.current.querySelector('[data-act="' + had.current + '"]');
      const b = same || (box.current && box.current.querySelector('.large button'));
      if (b) b.focus({ preventScroll: true });
    }
    was.current = mode;
  }, [mode, top.join()]);
  const remember = (e) => { had.current = e.target.dataset && e.target.dataset.act || ''; };
  const forget = (e) => { if (e.relatedTarget) had.current = ''; };
  return html`<div class="buttons" ref=${box} onFocusIn=${remember} onFocusOut=${forget}>
    <div class="large">
      ${top.map((name, i) => html`<${Act} key=${name} name=${name} cls=${i === 0 ? 'first' : ''}>${html`<${Aside} name=${name} />`}</${Act}>`)}
    </div>
    ${mode === 'serving' && html`<div class="outcomes" role="group" aria-labelledby="outcomes-head">
      <span id="outcomes-head">${t('console.outcomes')}</span>
      ${outcomes.map((o) => html`<${Act} key=${o} name=${o} />`)}
    </div>`}
    ${(mode === 'free' || d.current) && html`<div class="small">
      ${row.filter((name) => !top.includes(name)).map((name) => html`<${Act} key=${name} name=${name} cls=${name === 'park' ? 'after' : ''} />`)}
    </div>`}
  </div>`;
}

/** What stands at the right of a large button. */
function Aside({ name }) {
  const d = desk.value, next = d.next[0];
  if ((name === 'next' || name === 'finish_next') && next) return html`<span class="aside number">${next.label}</span>`;
  if (name === 'next') return html`<span class="aside wide-only">${t('console.nobody.short')}</span>`;
  return null;
}

// --- who comes next

export function Next() {
  const d = desk.value;
  const free = modeOf(d) === 'free';
  if (!d.next.length) return html`<${Others} />`;
  return html`<section class="next" aria-labelledby="next-head">
    <div class="head"><h2 id="next-head">${t('console.next')}</h2><p class="wide-only">${t('console.next.note')}</p>
      <span class="more">${free && d.next.length > 1 && html`<span class="hint"><${Cap} of="to_next" />${t('console.do.to_next')}</span>`}${act(d, 'rebook', 0).on && html`<${Act} name="rebook" cls="quiet" />`}</span></div>
    <ol data-list="next" onKeyDown=${arrows}>
      ${d.next.map((k, i) => html`<li class="strip" key=${k.id}>
        <span class="nth">${i + 1}</span><${Label} of=${k.label} />
        <span class="what"><b>${w(k.name)}</b>
          ${k.class === 'normal' ? html`<small>${k.dossiers > 1 ? t('console.dossiers', { n: k.dossiers }) : w(k.class_name) || t('console.normal')}</small>` : html`<small><${ClassMark} ticket=${k} /></small>`}</span>
        <span class="since"><span><b>${minutesSince(k.wait_since || k.issued)}</b> ${t('console.minutes')}</span><small>${k.slot ? t('console.entry.slot', { at: clock(k.slot) }) : k.leg > 1 ? t('console.leg.nth', { n: k.leg }) : t('console.from', { at: clock(k.issued) })}</small></span>
        <span class="reason">${reasonWords(k, k.why)}</span>
        ${free && i > 0 ? html`<button type="button" class="quiet" onClick=${() => { dialog.value = { kind: 'call', ticket: k }; }}>${t('console.call')}<span class="spoken"> ${k.label}</span></button>` : html`<span class="quiet none"></span>`}
      </li>`)}
    </ol>
  </section>`;
}

/** With nobody to call: where help would be welcome. */
function Others() {
  const lanes = desk.value.lanes.filter((l) => !l.mine && l.waiting > 0);
  return html`<section class="next" aria-labelledby="next-head">
    <div class="head"><h2 id="next-head">${t('console.next')}</h2><p>${t('console.next.none')}</p></div>
    ${lanes.length > 0 && html`<div class="head second"><h2>${t('console.others')}</h2><p class="wide-only">${t('console.others.note', { n: desk.value.counter.number })}</p></div>
    <ul class="lanes wide">${lanes.map((l) => html`<${Lane} key=${l.category} lane=${l} />`)}</ul>`}
  </section>`;
}

// --- the rail

export function Rail() {
  const d = desk.value;
  const mine = d.lanes.filter((l) => l.mine);
  const others = d.lanes.filter((l) => !l.mine && l.waiting > 0);
  return html`<aside class="rail" aria-label=${t('console.rail')}>
    <${Devices} />
    <${Guarded} />
    <${Claims} />
    <${Slips} />
    <section aria-labelledby="lanes-head">
      <div class="head"><h2 id="lanes-head">${t('console.waiting')}</h2></div>
      <ul class="lanes">${mine.map((l) => html`<${Lane} key=${l.category} lane=${l} />`)}</ul>
      ${others.length > 0 && d.next.length > 0 && html`<p class="sub">${t('console.others.short')}</p>
      <ul class="lanes">${others.map((l) => html`<${Lane} key=${l.category} lane=${l} />`)}</ul>`}
    </section>
    <${Parked} />
    <${Missed} />
    <${Who} />
  </aside>`;
}

/** Too many have waited too long: more counters are needed (routing.md §1). */
function Guarded() {
  const g = desk.value.guarded;
  if (!g || !g.alarm) return null;
  return html`<p class="alarm" role="status"><${Icon} name="alert" /><span><b>${t('console.guarded', { n: g.guarded, all: g.waiting })}</b> ${t('console.guarded.do')}</span></p>`;
}

/** Classes claimed at a button, until somebody has seen the card. */
function Claims() {
  const list = desk.value.claims;
  if (!list.length) return null;
  return html`<section class="claims" aria-labelledby="claims-head" onKeyDown=${arrows}>
    <div class="head"><h2 id="claims-head">${t('console.claims')}</h2><span class="n">${list.length}</span><span class="hint"><${Cap} of="claim" /><span class="spoken">${t('console.do.claim')}</span></span></div>
    <ul>${list.slice(0, 3).map((k) => html`<li class="entry" key=${k.id}><${Label} of=${k.label} />
      <span class="what"><b class="class"><${Icon} name="star" />${w(k.claim_name) || k.claim}</b><small>${t('console.claim.seen')}</small></span>
      ${mayGrant(desk.value, k.claim, page.who && page.who.role) && html`<button type="button" class="edge" onClick=${() => send(claimOrder(k, 'confirm'))}>${t('console.claim.yes')}<span class="spoken"> ${k.label}</span></button>`}
      <button type="button" class="edge" onClick=${() => send(claimOrder(k, 'decline'))}>${t('console.claim.no')}<span class="spoken"> ${k.label}</span></button></li>`)}</ul>
  </section>`;
}

/** Who works here, and the ways to another counter and out. */
function Who() {
  const who = page.who;
  if (!who || !who.actor) return null;
  return html`<section class="who">
    <p>${t('console.who', { name: who.actor })} <small>(${t('console.role.' + who.role)})</small></p>
    ${!who.bound && html`<a class="act" href="/console">${t('console.choose')}</a>`}
    ${who.leaves && html`<form method="post" action="/sign-out"><button type="submit" class="act">${t('console.out')}</button></form>`}
  </section>`;
}

function Lane({ lane: l }) {
  return html`<li class=${'lane' + (l.waiting ? '' : ' none')}><${Letter} of=${l.category} /><span class="name">${w(l.name)}</span>
    <span class="marks" aria-hidden="true">${Array.from({ length: Math.min(l.waiting, 12) }, (_, i) => html`<i key=${i}></i>`)}</span>
    <b class="count number">${l.waiting}<span class="spoken"> ${t('console.people')}</span></b>
    <span class="oldest">${l.waiting && l.oldest ? t('console.oldest', { n: minutesSince(l.oldest) }) : t('console.lane.none')}</span></li>`;
}

function Devices() {
  const list = desk.value.devices || [];
  if (!list.length) return null;
  const prints = (x) => x.kind.endsWith('printer');
  return html`<ul class="devices">${list.map((x) => html`<li key=${x.kind + x.code + (x.name || '')}><${Icon} name=${prints(x) ? 'printer' : 'alert'} />
    <span><b>${deviceWords(x)}</b> ${prints(x) && !x.covered && t('console.device.do')}${x.kind === 'clock' && html`<${ClockAsks} />`}</span></li>`)}</ul>`;
}

/** Supervisors vouch for the time themselves; others know whom to ask. */
function ClockAsks() {
  if (!page.who || page.who.role !== 'supervisor') return t('common.clock.ask');
  return html`<a href="/setup/done#clock">${t('common.clock.confirm')}</a>`;
}

function deviceWords(x) {
  if (x.kind === 'kiosk') return t('console.device.kiosk', { name: x.name, what: ['no_link', 'panel'].includes(x.code)
    ? t('console.device.kiosk.' + x.code, { at: x.since ? clock(x.since) : 'none' }) : deviceWords({ kind: 'printer', code: x.code }) });
  if (x.kind === 'second_printer') return t('common.device.second_printer', { what: deviceWords({ kind: 'printer', code: x.code }) });
  const at = 'common.device.' + x.kind + '.';
  const said = t(at + x.code);
  return said !== at + x.code ? said : t(at + 'other') !== at + 'other' ? t(at + 'other') : t('console.device.other', { kind: x.kind });
}

/** Up and down between the buttons of a list. */
export function arrows(e) {
  if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return;
  const all = Array.from(e.currentTarget.querySelectorAll('button'));
  const i = all.indexOf(document.activeElement);
  if (i < 0) return;
  const to = all[i + (e.key === 'ArrowDown' ? 1 : -1)];
  if (to) to.focus();
  e.preventDefault();
}

function Head({ id, name, n, list }) {
  return html`<div class="head"><h2 id=${id}>${t('console.' + name)}</h2><span class="n">${n}</span>
    ${act(desk.value, list, now.value).on && html`<span class="hint"><${Cap} of=${list} /><span class="spoken">${t('console.do.' + list)}</span></span>`}</div>`;
}

function Parked() {
  const d = desk.value;
  return html`<section aria-labelledby="parked-head" data-list="parked" onKeyDown=${arrows}>
    <${Head} id="parked-head" name="parked" n=${d.parked.length} list="to_parked" />
    ${d.parked.length === 0 && html`<p class="none">${t('console.parked.none')}</p>`}
    <ul>${d.parked.map((k) => {
      const min = minutesSince(k.since), long = min >= PARKED_LONG, own = k.counter === d.counter.number;
      return html`<li class="entry" key=${k.id}><${Label} of=${k.label} />
        <span class="what"><b>${w(k.name)}</b><small class=${long ? 'warn' : ''}>${long && html`<${Icon} name="clock" />`}${t(long ? 'console.parked.long' : 'console.parked.for', { n: min })}${own ? '' : ', ' + t('common.counter.n', { n: k.counter })}</small></span>
        ${own && html`<button type="button" class="edge" aria-disabled=${modeOf(d) === 'free' ? null : 'true'} onClick=${() => modeOf(desk.value) === 'free' && send(counterOrder(d, 'call', { ticket: k.id }, k.label))}>${t('console.callback')}<span class="spoken"> ${k.label}</span></button>
        <button type="button" class="edge" onClick=${() => send(counterOrder(d, 'unpark', { ticket: k.id }, k.label))} title=${t('console.do.unpark')}>${t('console.unpark')}<span class="spoken"> ${k.label}</span></button>`}
      </li>`;
    })}</ul>
  </section>`;
}

function Missed() {
  const d = desk.value;
  return html`<section aria-labelledby="missed-head" data-list="missed" onKeyDown=${arrows}>
    <${Head} id="missed-head" name="missed" n=${d.missed.length} list="to_missed" />
    ${d.missed.length === 0 && html`<p class="none">${t('console.missed.none')}</p>`}
    <ul>${d.missed.slice(0, 6).map((k) => html`<li class="entry" key=${k.id}><${Label} of=${k.label} />
      <span class="what"><b>${w(k.name)}</b><small>${t('console.missed.at', { at: clock(k.since), n: k.calls })}</small></span>
      ${k.returnable ? html`<button type="button" class="edge" onClick=${() => send(ticketOrder('reactivate', k))}>${t('console.return')}<span class="spoken"> ${k.label}</span></button>` : html`<small class="once">${t('console.returned.once')}</small>`}
    </li>`)}</ul>
  </section>`;
}

function Slips() {
  const d = desk.value;
  if (!d.slips.length) return null;
  return html`<section class="slips" aria-labelledby="slips-head" data-list="slips" onKeyDown=${arrows}>
    <${Head} id="slips-head" name="slips" n=${d.slips.length} list="to_slips" />
    <ul>${d.slips.slice(0, 5).map((k) => html`<li class="entry" key=${k.id}><${Label} of=${k.label} />
      <span class="what"><b>${w(k.name)}</b><small class="warn"><${Icon} name="printer" />${k.slip === 'failed' ? t('console.slip.failed') : t('console.slip.ask', { x: k.label })}</small></span>
      ${k.slip !== 'failed' && html`<button type="button" class="edge" onClick=${() => send(ticketOrder('slip_out', k, {}, 'confirm-slip'))}>${t('console.slip.yes')}<span class="spoken"> ${t('console.slip.yes.what', { x: k.label })}</span></button>`}
      <button type="button" class="edge" onClick=${() => send(ticketOrder('reprint', k))}>${t('console.reprint')}<span class="spoken"> ${k.label}</span></button></li>`)}</ul>
  </section>`;
}

// --- what was said back

/** Shown where the thumb and the eye end: bottom right, above the dock on a phone. */
export function Messages() {
  const p = progress.value, r = refusal.value, said = toast.value;
  useEffect(() => {
    if (!said || said.tone === 'keep') return undefined;
    const timer = setTimeout(() => { if (toast.value === said) toast.value = null; }, 4000);
    return () => clearTimeout(timer);
  }, [said]);
  return html`<div class="messages">
    <${Gone} />
    ${p.phase === 'retrying' && html`<p class="note warn" role="status"><${Icon} name="clock" /><span>${t('console.retrying', { what: intentWords(p.intent) })}</span></p>`}
    ${p.phase === 'unknown' && html`<${Unknown} intent=${p.intent} key=${p.intent.key} />`}
    ${r && html`<${Refusal} refusal=${r} key=${r.at} />`}
    <div role="status" aria-live="polite">${said && !r && p.phase !== 'unknown' && (said.tone === 'ok' && undoable.value && undoable.value.undo.label === said.args.x ? html`<p class="spoken" key=${said.id}>${t(said.key, said.args)}</p>` : html`<div class=${'note toast ' + said.tone} key=${said.id}>
      <${Icon} name=${said.tone === 'warn' ? 'clock' : 'tick'} /><span>${t(said.key, said.args)}</span>
      ${said.tone === 'keep' ? html`<button type="button" onClick=${() => { toast.value = null; }}><kbd aria-hidden="true">Esc</kbd>${t('console.understood')}</button>` : html`<i class="drain" aria-hidden="true"></i>`}</div>`)}</div>
    <${Undo} />
  </div>`;
}

/** The centre lets this device in no more; what is on the screen stands still. */
function Gone() {
  if (link.value.code !== 4401) return null;
  return html`<div class="note bad gone" role="alert"><${Icon} name="offline" />
    <p><b>${t('console.gone')}</b> ${t('console.gone.hint')} <a href="/pair?as=officer">${t('console.gone.pair')}</a></p></div>`;
}

/** Says what it takes back, for as long as it may. */
function Undo() {
  const u = undoable.value && undoable.value.undo;
  if (!u) return null;
  const k = desk.value.current;
  // Who was served at once is let go at once: it was no start of something called.
  const direct = u.what === 'ticket.started.v1' && k && k.id === u.ticket && k.entry === 'direct' && !k.calls;
  const left = Math.ceil((u.until - now.value) / 1000), all = desk.value.rules.undo_within || 10;
  return html`<button type="button" class="note undo" data-act="undo" aria-keyshortcuts="U" aria-busy=${pending.value === 'undo' ? 'true' : null} onClick=${() => press('undo')}>
    <${Cap} of="undo" /><${Icon} name="back" /><span class="word">${t('console.undo', { what: direct ? 'issued' : u.what.split('.')[1] || '', x: u.label })}</span>
    <span class="left number" aria-hidden="true">${Math.min(left, all)} ${t('console.s')}</span>
    <i class="drain" aria-hidden="true" style=${{ transform: 'scaleX(' + Math.min(1, left / all).toFixed(2) + ')' }}></i></button>`;
}

const intentWords = (i) => t('console.do.' + i.name) + (i.label ? ' ' + i.label : '');

/** Takes the focus, and gives it back to what had it if that is still there. */
function useFocus() {
  const at = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    at.current.focus({ preventScroll: true });
    return () => { if (before && before !== document.body && before.isConnected) before.focus({ preventScroll: true }); };
  }, []);
  return at;
}

function Refusal({ refusal: r }) {
  const button = useFocus();
  return html`<div class="note bad" role="alert" id="refusal"><${Icon} name="alert" />
    <p><b>${intentWords(r.intent)}:</b> ${refusalWords(r.problem, r.intent.name)}</p>
    <button type="button" ref=${button} onClick=${() => { refusal.value = null; }}><kbd aria-hidden="true">Esc</kbd>${t('console.understood')}</button></div>`;
}

function Unknown({ intent }) {
  const button = useFocus();
  return html`<div class="note unknown" role="alert" id="unknown"><${Icon} name="alert" />
    <p><b>${t('console.unknown.head', { what: intentWords(intent) })}</b> ${t('console.unknown.body')}</p>
    <button type="button" class="strong" ref=${button} onClick=${() => orders.retry()}>${t('common.retry')}</button>
    <button type="button" onClick=${() => orders.forget()}><kbd aria-hidden="true">Esc</kbd>${t('console.forget')}</button></div>`;
}
