// What lies over the screen for a moment: a choice, a search, the list of keys.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../../vendor/preact.js';
import { desk, dialog, page, t, w, clock, close, send } from './state.js';
import { pauseReasons, pauseMinutes, callReasons, MAX_LEGS, MAX_DOSSIERS, counterOrder, claimOrder, ticketOrder, rebookable, mayGrant, findTargets } from './actions.js';
import { bindings, caps } from './keys.js';
import { Icon } from './icon.js';

/** A frame that holds the focus and gives it back. */
function Sheet({ title, cls = '', children, onKeyDown }) {
  const box = useRef(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const first = box.current.querySelector('[data-first]') || box.current;
    first.focus();
    return () => {
      if (before && before !== document.body && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  function keys(e) {
    if (e.key === 'Tab') {
      const all = Array.from(box.current.querySelectorAll('button, input, [tabindex="0"]')).filter((x) => !x.disabled && x.offsetParent);
      const last = all[all.length - 1];
      if (e.shiftKey && (document.activeElement === all[0] || document.activeElement === box.current)) { last.focus(); e.preventDefault(); }
      else if (!e.shiftKey && document.activeElement === last) { all[0].focus(); e.preventDefault(); }
      return;
    }
    if (onKeyDown) onKeyDown(e);
  }
  return html`<div class="veil" onMouseDown=${(e) => { if (e.target === e.currentTarget) close(); }}>
    <div class=${'sheet ' + cls} role="dialog" aria-modal="true" aria-labelledby="sheet-head" tabindex="-1" ref=${box} onKeyDown=${keys}>
      <div class="sheet-head"><h2 id="sheet-head">${title}</h2>
        <button type="button" class="quiet" onClick=${close}><kbd aria-hidden="true">Esc</kbd>${t('common.close')}</button></div>
      ${children}
    </div></div>`;
}

/** A short list, each with a digit; Enter takes the first, or the one named. */
function Choice({ title, names, words, pick, first = names[0], children }) {
  function keys(e) {
    if (e.repeat || e.isComposing || e.ctrlKey || e.altKey || e.metaKey) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(e.code);
    if (digit && names[digit[1] - 1]) { e.preventDefault(); pick(names[digit[1] - 1]); return; }
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      const all = Array.from(e.currentTarget.querySelectorAll('.choices button'));
      const i = all.indexOf(document.activeElement);
      const to = all[(i + (e.key === 'ArrowDown' ? 1 : -1) + all.length) % all.length];
      to.focus();
      e.preventDefault();
    }
  }
  return html`<${Sheet} title=${title} onKeyDown=${keys}>
    <div class="choices">${names.map((name, i) => html`<button type="button" key=${name} data-first=${name === first ? '' : null} onClick=${() => pick(name)}>
      <kbd aria-hidden="true">${i + 1}</kbd><span>${words(name)}</span>${name === first && html`<small><kbd aria-hidden="true">Enter</kbd></small>`}</button>`)}</div>
    ${children}
  </${Sheet}>`;
}

/** Why, then how long: two digits, or Enter for a length nobody knows. */
function Pause() {
  const [reason, setReason] = useState('');
  const rest = desk.value.counter.break;
  if (reason) {
    return html`<${Choice} key="minutes" title=${t('console.pause.length', { why: t('console.pause.' + reason) })} names=${pauseMinutes} first=${0}
      words=${(n) => t('console.pause.minutes', { n })} pick=${(n) => { close(); send(counterOrder(desk.value, 'pause', n ? { reason, minutes: n } : { reason })); }} />`;
  }
  return html`<${Choice} key="reason" title=${t('console.pause.title')} names=${pauseReasons} words=${(n) => t('console.pause.' + n)} pick=${setReason}>
    ${rest && html`<p class="foot"><${Icon} name="clock" /><span>${t('console.break.plan', { from: clock(rest.from), to: clock(rest.to) })}</span></p>`}
  </${Choice}>`;
}

function Call({ ticket }) {
  return html`<${Choice} title=${t('console.call.title', { x: ticket.label })} names=${callReasons} words=${(n) => t('reason.cause.' + n)}
    pick=${(n) => { close(); send(counterOrder(desk.value, 'call', { ticket: ticket.id, reason: n }, ticket.label)); }} />`;
}

/** The oldest class claimed at a button: was its card seen? */
function Claim() {
  const k = desk.value.claims[0];
  useEffect(() => { if (!k) close(); }, [!k]);
  if (!k) return null;
  const name = w(k.claim_name) || k.claim, may = mayGrant(desk.value, k.claim, page.who && page.who.role);
  return html`<${Choice} title=${t('console.claim.title', { x: k.label, name })} names=${may ? ['confirm', 'decline'] : ['decline']}
    words=${(n) => t('console.claim.' + n, { name })} pick=${(n) => { close(); send(claimOrder(k, n)); }}>
    <p class="foot"><${Icon} name="info" /><span>${t(may ? 'console.claim.note' : 'console.claim.others', { name })}</span></p>
  </${Choice}>`;
}

/**
 * Keeps out of a box the letter of the key that opened it, and of any key that
 * meant something else, even where letters are inserted all the same. It
 * returns the box's ref.
 */
function useOwnKeys() {
  const box = useRef(null);
  useLayoutEffect(() => {
    const opened = Date.now();
    let last = null; // the last key of its own
    box.current.addEventListener('keydown', (e) => {
      if (!e.repeat || last) last = e;
      else e.preventDefault();
    });
    // Not as a property: browsers of 2020 fire the event but have no onbeforeinput.
    box.current.addEventListener('beforeinput', (e) => {
      if (e.inputType === 'insertText' && (last ? last.defaultPrevented : Date.now() - opened < 1000)) e.preventDefault();
    });
  }, []);
  return box;
}

/**
 * A search over a list: letters narrow it, arrows walk, Enter takes. With
 * numbered a digit takes as well. more sees every key first and returns true
 * for its own; typed is what stands in the box.
 */
function Finder({ title, label, list, none, items, id, words, row, pick, numbered, more, over, children }) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const shown = useRef(null);
  const search = useOwnKeys();
  useEffect(() => { if (shown.current) shown.current.scrollIntoView({ block: 'nearest' }); }, [at, typed]);
  const found = findTargets(items, typed, words);
  const i = Math.min(at, Math.max(0, found.length - 1));
  const take = (x) => { if (x) { setTyped(''); setAt(0); pick(x); } };
  function keys(e) {
    if (e.isComposing) return;
    if (more && more(e, typed)) { e.preventDefault(); return; }
    const digit = numbered && !typed && !e.ctrlKey && !e.altKey && !e.metaKey && e.target === search.current && /^(?:Digit|Numpad)([1-9])$/.exec(e.code);
    if (digit) {
      e.preventDefault();
      if (!e.repeat) take(found[digit[1] - 1]);
    } else if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      if (e.target.type === 'radio') return;
      setAt(Math.min(Math.max(0, i + (e.key === 'ArrowDown' ? 1 : -1)), found.length - 1));
      e.preventDefault();
    } else if (e.key === 'Enter' && e.target.tagName !== 'BUTTON') {
      e.preventDefault();
      if (!e.repeat) take(found[i]);
    }
  }
  return html`<${Sheet} title=${title} cls="find" onKeyDown=${keys}>
    ${over}
    <label class="search"><span class="spoken">${label}</span>
      <input data-first type="text" role="combobox" aria-expanded="true" aria-controls="targets" aria-autocomplete="list" autocomplete="off" spellcheck=${false}
        aria-activedescendant=${found.length ? 'target-' + i : null} placeholder=${label}
        value=${typed} ref=${search} onInput=${(e) => { setTyped(e.target.value); setAt(0); }} /></label>
    <ul id="targets" role="listbox" aria-label=${list}>
      ${found.map((x, n) => html`<li key=${id(x)} id=${'target-' + n} role="option" aria-selected=${String(n === i)} ref=${n === i ? shown : null}
          onMouseMove=${() => setAt(n)} onClick=${() => take(x)}>
        ${numbered && !typed && n < 9 && html`<kbd aria-hidden="true">${n + 1}</kbd>`}${row(x)}
        ${n === i && html`<small><kbd aria-hidden="true">Enter</kbd></small>`}</li>`)}
      ${found.length === 0 && html`<li class="none" role="option" aria-selected="false" aria-disabled="true">${none}</li>`}
    </ul>
    ${children}
  </${Sheet}>`;
}

const MODES = ['keep', 'first', 'last'];
const spoken = (x) => Object.values(x || {}).join(' ');
const category = (x) => html`<b class="letter number">${x.category}</b><span>${w(x.name)}</span>`;

function Transfer() {
  const d = desk.value, k = d.current;
  const [mode, setMode] = useState('keep');
  return html`<${Finder} title=${t('console.transfer.title', { x: k.label })} label=${t('console.transfer.search')} list=${t('console.transfer.where')} none=${t('console.transfer.none')}
    items=${d.targets} id=${(x) => (x.category || '') + '/' + (x.counter || '')}
    words=${(x) => (x.category ? x.category + ' ' : '') + spoken(x.name) + (x.counter ? ' quay counter ' + x.number : '')}
    row=${(x) => (x.counter ? html`<b class="letter number">${x.number}</b><span>${t('common.counter.n', { n: x.number })}${x.name && w(x.name) ? ' – ' + w(x.name) : ''}</span>` : category(x))}
    pick=${(x) => { close(); send(counterOrder(d, 'transfer', { ticket: k.id, mode, ...(x.category && { to_category: x.category }), ...(x.counter && { to_counter: x.counter }) }, k.label)); }}>
    <fieldset><legend>${t('console.transfer.mode')}</legend>
      ${MODES.map((m) => html`<label key=${m}><input type="radio" name="mode" value=${m} checked=${mode === m} onChange=${() => setMode(m)} /><span>${t('console.mode.' + m)}</span></label>`)}
    </fieldset>
  </${Finder}>`;
}

const between = (n) => Math.min(MAX_DOSSIERS, Math.max(1, n || 1));
/** One more or less by + and −; 0 for any other key. */
const step = (e) => (e.ctrlKey || e.altKey || e.metaKey ? 0 : e.key === '+' || e.key === '=' ? 1 : e.key === '-' ? -1 : 0);

/** A number of dossiers with a button on either side. */
function Dossiers({ n, set, first }) {
  const box = useOwnKeys();
  return html`<div class="steps" role="group" aria-labelledby="steps-head"><span id="steps-head">${t('console.dossiers.head')}</span>
    <button type="button" class="edge" aria-label=${t('console.dossiers.fewer')} aria-disabled=${n > 1 ? null : 'true'} onClick=${() => set(between(n - 1))}>−</button>
    <input type="text" inputmode="numeric" class="number" maxlength="2" aria-labelledby="steps-head" data-first=${first ? '' : null} value=${n} ref=${box}
      onFocus=${(e) => e.target.select()} onInput=${(e) => { const v = Number(e.target.value.replace(/\D/g, '')); e.target.value = v || ''; if (v) set(between(v)); }} onBlur=${(e) => { e.target.value = n; }} />
    <button type="button" class="edge" aria-label=${t('console.dossiers.more')} aria-disabled=${n < MAX_DOSSIERS ? null : 'true'} onClick=${() => set(between(n + 1))}>+</button>
  </div>`;
}

/** Serves somebody at once: the category alone is needed. */
function Direct() {
  const [n, setN] = useState(1);
  const d = desk.value;
  const more = (e) => { const by = step(e); if (by) setN(between(n + by)); return by !== 0; };
  return html`<${Finder} title=${t('console.direct.title')} label=${t('console.direct.search')} list=${t('console.direct.where')} none=${t('console.direct.none')} numbered
    items=${d.lanes} id=${(x) => x.category} words=${(x) => x.category + ' ' + spoken(x.name)} row=${category} more=${more}
    pick=${(x) => { close(); send(counterOrder(d, 'direct', n > 1 ? { category: x.category, dossiers: n } : { category: x.category })); }}>
    <div class="under"><${Dossiers} n=${n} set=${setN} /><p>${t('console.direct.note')}</p></div>
  </${Finder}>`;
}

/** The dossiers of the ticket in hand. */
function Count() {
  const k = desk.value.current;
  const [n, setN] = useState(k.dossiers || 1);
  const save = () => { close(); if (n !== k.dossiers) send(ticketOrder('dossiers', k, { dossiers: n })); };
  function keys(e) {
    const by = step(e);
    if (by) { setN(between(n + by)); e.preventDefault(); }
    else if (e.key === 'Enter' && !e.isComposing && e.target.tagName !== 'BUTTON') { e.preventDefault(); if (!e.repeat) save(); }
  }
  return html`<${Sheet} title=${t('console.dossiers.title', { x: k.label })} cls="count" onKeyDown=${keys}>
    <${Dossiers} n=${n} set=${setN} first />
    <button type="button" class="act first save" onClick=${save}><kbd aria-hidden="true">Enter</kbd>${t('console.save')}</button>
  </${Sheet}>`;
}

/** What the visit goes on to, in order. */
function Legs() {
  const d = desk.value, k = d.current;
  const [legs, setLegs] = useState((k.then || []).map((x) => ({ category: x.category, name: x.name })));
  const save = () => {
    close();
    const ids = legs.map((x) => x.category);
    if (ids.join() !== (k.then || []).map((x) => x.category).join()) send(ticketOrder('legs', k, { legs: ids }));
  };
  const done = (k.past || []).length + 1;
  const drop = (n) => setLegs(legs.filter((_, i) => i !== n));
  function more(e, typed) {
    if (e.key === 'Enter' && e.ctrlKey) { if (!e.repeat) save(); return true; }
    if (e.key === 'Backspace' && !typed && legs.length && e.target.tagName === 'INPUT') { drop(legs.length - 1); return true; }
    return false;
  }
  const over = html`<ol class="plan" aria-label=${t('console.legs.order')}>
    <li class="now"><span class="nth number">${done}</span>${category(k)}<small>${t('console.legs.now')}</small></li>
    ${legs.map((x, n) => html`<li key=${n + x.category}><span class="nth number">${done + n + 1}</span>${category(x)}
      <button type="button" class="quiet" onClick=${() => drop(n)}>${t('console.legs.drop')}<span class="spoken"> ${w(x.name)}</span></button></li>`)}
    ${legs.length === 0 && html`<li class="none">${t('console.legs.none')}</li>`}
  </ol>`;
  return html`<${Finder} title=${t('console.legs.title', { x: k.label })} label=${t('console.legs.search')} list=${t('console.direct.where')} none=${t('console.direct.none')} numbered
    items=${legs.length < MAX_LEGS ? d.lanes : []} id=${(x) => x.category} words=${(x) => x.category + ' ' + spoken(x.name)} row=${category} more=${more} over=${over}
    pick=${(x) => setLegs(legs.concat([{ category: x.category, name: x.name }]))}>
    <button type="button" class="act first save" onClick=${save}><span class="caps" aria-hidden="true"><kbd>Ctrl</kbd><kbd>Enter</kbd></span>${t('console.save')}</button>
  </${Finder}>`;
}

/** A number becomes an appointment in the next session. */
function Rebook() {
  const list = rebookable(desk.value);
  return html`<${Finder} title=${t('console.rebook.title')} label=${t('console.rebook.search')} list=${t('console.rebook.which')} none=${t('console.rebook.none')}
    items=${list} id=${(x) => x.id} words=${(x) => x.label + ' ' + x.label.replace(/^\D+0*/, '') + ' ' + spoken(x.name)}
    row=${(x) => html`<b class="label number">${x.label}</b><span>${w(x.name)}<small class="state">${t('common.state.' + x.state)}</small></span>`}
    pick=${(x) => { close(); send(ticketOrder('rebook', x)); }}>
    <p class="foot"><${Icon} name="info" /><span>${t('console.rebook.note')}</span></p>
  </${Finder}>`;
}

const actions = bindings.filter((b) => !b.hidden).map((b) => b.action);
const groups = [actions.slice(0, 14), actions.slice(14)];

function Help() {
  return html`<${Sheet} title=${t('console.keys.title')} cls="keys">
    <div class="columns">${groups.map((g, n) => html`<dl key=${n}>${g.map((name) => html`<div key=${name}>
      <dt>${caps(name).map((c) => html`<kbd>${c}</kbd>`)}${name === 'next' && html`<kbd>${t('console.numpad')}</kbd>`}</dt>
      <dd>${t('console.do.' + name)}</dd></div>`)}
      ${n === 1 && html`<div><dt><kbd>?</kbd></dt><dd>${t('console.keys.title')}</dd></div><div><dt><kbd>Esc</kbd></dt><dd>${t('console.keys.esc')}</dd></div>`}</dl>`)}</div>
    <p class="foot"><${Icon} name="info" /><span>${t('console.keys.note')}</span></p>
  </${Sheet}>`;
}

/** Those about the ticket in hand go with it: somebody finished it elsewhere, or it was undone. */
const inHand = { transfer: Transfer, dossiers: Count, legs: Legs };

export function Dialogs() {
  const open = dialog.value, k = desk.value.current;
  const gone = !!open && !!inHand[open.kind] && !k;
  useEffect(() => { if (gone) close(); }, [gone]);
  if (!open || gone) return null;
  if (inHand[open.kind]) return html`<${inHand[open.kind]} key=${k.id} />`;
  switch (open.kind) {
    case 'pause': return html`<${Pause} />`;
    case 'call': return html`<${Call} ticket=${open.ticket} />`;
    case 'direct': return html`<${Direct} />`;
    case 'rebook': return html`<${Rebook} />`;
    case 'claim': return html`<${Claim} />`;
    default: return html`<${Help} />`;
  }
}
