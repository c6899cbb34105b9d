// What lies over the screen for a moment: a choice, a search, the list of keys.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../../vendor/preact.js';
import { desk, dialog, t, w, send } from './state.js';
import { pauseReasons, callReasons, pauseOrder, callOrder, transferOrder, findTargets } from './actions.js';
import { caps } from './keys.js';
import { Icon } from './icon.js';

export const close = () => { dialog.value = null; };

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

/** A short list, each with a digit; Enter takes the first. */
function Choice({ title, names, words, pick }) {
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
    <div class="choices">${names.map((name, i) => html`<button type="button" key=${name} data-first=${i === 0 ? '' : null} onClick=${() => pick(name)}>
      <kbd aria-hidden="true">${i + 1}</kbd><span>${words(name)}</span>${i === 0 && html`<small><kbd aria-hidden="true">Enter</kbd></small>`}</button>`)}</div>
  </${Sheet}>`;
}

function Pause() {
  return html`<${Choice} title=${t('console.pause.title')} names=${pauseReasons} words=${(n) => t('console.pause.' + n)}
    pick=${(n) => { close(); send(pauseOrder(desk.value, n)); }} />`;
}

function Call({ ticket }) {
  return html`<${Choice} title=${t('console.call.title', { x: ticket.label })} names=${callReasons} words=${(n) => t('reason.cause.' + n)}
    pick=${(n) => { close(); send(callOrder(desk.value, ticket, n)); }} />`;
}

const MODES = ['keep', 'first', 'last'];

function Transfer() {
  const d = desk.value, k = d.current;
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const [mode, setMode] = useState('keep');
  const shown = useRef(null);
  // The key that opened the search is not its first letter, even where an
  // input method inserts letters by itself.
  const opened = useRef(Date.now());
  const struck = useRef(false); // a key of its own was struck
  const search = useRef(null);
  useLayoutEffect(() => {
    // Not as a property: browsers of 2020 fire the event but have no onbeforeinput.
    if (search.current) search.current.addEventListener('beforeinput', (e) => {
      if (!struck.current && e.inputType === 'insertText' && Date.now() - opened.current < 1000) e.preventDefault();
    });
  }, []);
  // Somebody finished it elsewhere, or it was undone: there is nothing to transfer.
  useEffect(() => { if (!k) close(); }, [!k]);
  useEffect(() => { if (shown.current) shown.current.scrollIntoView({ block: 'nearest' }); }, [at, typed]);
  if (!k) return null;
  const words = (x) => (x.category ? x.category + ' ' : '') + Object.values(x.name || {}).join(' ') + (x.counter ? ' quay counter ' + x.number : '');
  const found = findTargets(d.targets, typed, words);
  const i = Math.min(at, Math.max(0, found.length - 1));
  const take = (x) => { if (x) { close(); send(transferOrder(desk.value, x, mode)); } };
  function keys(e) {
    if (!e.repeat) struck.current = true;
    else if (!struck.current) e.preventDefault();
    if (e.isComposing) return;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      if (e.target.type === 'radio') return;
      setAt(Math.min(Math.max(0, i + (e.key === 'ArrowDown' ? 1 : -1)), found.length - 1));
      e.preventDefault();
    } else if (e.key === 'Enter' && e.target.tagName !== 'BUTTON') {
      e.preventDefault();
      if (!e.repeat) take(found[i]);
    }
  }
  return html`<${Sheet} title=${t('console.transfer.title', { x: k.label })} cls="transfer" onKeyDown=${keys}>
    <label class="search"><span class="spoken">${t('console.transfer.search')}</span>
      <input data-first type="text" role="combobox" aria-expanded="true" aria-controls="targets" aria-autocomplete="list" autocomplete="off" spellcheck=${false}
        aria-activedescendant=${found.length ? 'target-' + i : null} placeholder=${t('console.transfer.search')}
        value=${typed} ref=${search} onInput=${(e) => { setTyped(e.target.value); setAt(0); }} /></label>
    <ul id="targets" role="listbox" aria-label=${t('console.transfer.where')}>
      ${found.map((x, n) => html`<li key=${(x.category || '') + '/' + (x.counter || '')} id=${'target-' + n} role="option" aria-selected=${String(n === i)} ref=${n === i ? shown : null}
          onMouseMove=${() => setAt(n)} onClick=${() => take(x)}>
        ${x.counter ? html`<b class="letter number">${x.number}</b><span>${t('common.counter.n', { n: x.number })}${x.name && w(x.name) ? ' – ' + w(x.name) : ''}</span>` : html`<b class="letter number">${x.category}</b><span>${w(x.name)}</span>`}
        ${n === i && html`<small><kbd>Enter</kbd></small>`}</li>`)}
      ${found.length === 0 && html`<li class="none">${t('console.transfer.none')}</li>`}
    </ul>
    <fieldset><legend>${t('console.transfer.mode')}</legend>
      ${MODES.map((m) => html`<label key=${m}><input type="radio" name="mode" value=${m} checked=${mode === m} onChange=${() => setMode(m)} /><span>${t('console.mode.' + m)}</span></label>`)}
    </fieldset>
  </${Sheet}>`;
}

const groups = [
  ['next', 'start', 'recall', 'no_show', 'finish', 'finish_next', 'papers_missing', 'filed_online', 'wrong_place', 'left'],
  ['park', 'transfer', 'open', 'pause', 'close', 'to_next', 'to_parked', 'to_missed', 'to_slips'],
];

function Help() {
  return html`<${Sheet} title=${t('console.keys.title')} cls="keys">
    <div class="columns">${groups.map((g, n) => html`<dl key=${n}>${g.map((name) => html`<div key=${name}>
      <dt>${caps(name).map((c) => html`<kbd>${c}</kbd>`)}${name === 'next' && html`<kbd>${t('console.numpad')}</kbd>`}</dt>
      <dd>${t('console.do.' + name)}</dd></div>`)}
      ${n === 1 && html`<div><dt><kbd>?</kbd></dt><dd>${t('console.keys.title')}</dd></div><div><dt><kbd>Esc</kbd></dt><dd>${t('console.keys.esc')}</dd></div>`}</dl>`)}</div>
    <p class="foot"><${Icon} name="info" /><span>${t('console.keys.note')}</span></p>
  </${Sheet}>`;
}

export function Dialogs() {
  const open = dialog.value;
  if (!open) return null;
  switch (open.kind) {
    case 'pause': return html`<${Pause} />`;
    case 'call': return html`<${Call} ticket=${open.ticket} />`;
    case 'transfer': return html`<${Transfer} />`;
    default: return html`<${Help} />`;
  }
}
