// The numbers of a paper roll. The server draws the page and takes its forms;
// this sends them without leaving the page, and keeps the page fresh while
// counters call. Without it the forms work as forms do.

import { readPage, icon, setIcon } from '../lib/page.js';
import { connect } from '../lib/link.js';

const { page, t } = readPage();
const FRESH = 1000; // ms between two readings at least
const PATIENCE = 10000; // ms an answer may take

const sign = icon('link'), said = document.createElement('span');
document.getElementById('link').append(sign, said);

/** Keys of forms that had no answer yet: sent again, they are the same command. */
const unanswered = new Map();
let sending = false, reading = false, again = false;

const main = () => document.getElementById('roll');
const nameOf = (form) => form.dataset.form;

/** What people have typed and chosen, and where they are. */
function kept() {
  const values = [];
  for (const form of main().querySelectorAll('form')) {
    for (const x of form.querySelectorAll('input:not([type="hidden"]), select')) {
      if (x.type === 'checkbox' ? x.checked : x.value !== '') values.push([nameOf(form), x.name, x.type === 'checkbox' ? 'on' : x.value]);
    }
  }
  const at = document.activeElement, form = at && at.closest('form');
  return {
    values, open: Array.from(main().querySelectorAll('details[open]'), nameOf),
    at: form && [nameOf(form), at.name], selection: form && at.type === 'text' ? at.selectionStart : null,
  };
}

const field = (form, name) => {
  const f = main().querySelector(`form[data-form="${CSS.escape(form)}"]`);
  return f && (name ? f.querySelector(`[name="${CSS.escape(name)}"]:not([type="hidden"])`) : f.querySelector('button'));
};

/**
 * Puts what was drawn anew in the place of the old, with what was typed.
 * @param {Element} fresh
 * @param {{done?: string, answer?: boolean}} o the form whose work is done; whether this answers any
 */
function show(fresh, { values, open, at, selection }, { done, answer } = {}) {
  const old = main();
  if (!answer) { // what was said stays until somebody does something
    fresh.querySelector('#said').replaceWith(old.querySelector('#said'));
    const problem = old.querySelector('#problem');
    if (problem) fresh.querySelector('#said').after(problem);
  }
  old.replaceWith(fresh);
  for (const [form, name, value] of values) {
    if (form === done) continue;
    const x = field(form, name);
    if (!x) continue;
    if (x.type === 'checkbox') x.checked = true;
    else if (x.tagName !== 'SELECT' || Array.from(x.options).some((o) => o.value === value)) x.value = value;
  }
  for (const [form, key] of unanswered) {
    const x = main().querySelector(`form[data-form="${CSS.escape(form)}"] [name="key"]`);
    if (x) x.value = key;
  }
  for (const d of main().querySelectorAll('details')) if (open.includes(nameOf(d))) d.open = true;
  const to = at && (field(...at) || field(at[0]));
  if (to) {
    to.focus();
    if (selection !== null && to.setSelectionRange) to.setSelectionRange(selection, selection);
  }
}

async function read(answer) {
  if (answer.redirected && !answer.url.includes('/roll')) { location.reload(); return null; } // no longer signed in
  return new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('roll');
}

/** Draws the page anew; what was typed stays. */
async function refresh() {
  if (reading || sending) { again = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    const fresh = answer.ok && await read(answer);
    if (fresh && !sending) show(fresh, kept());
  } catch (e) {
    // The link says that the centre is away; its next state asks again.
  }
  setTimeout(() => {
    reading = false;
    if (again) { again = false; refresh(); }
  }, FRESH);
}

document.addEventListener('submit', async (e) => {
  e.preventDefault();
  if (sending) return;
  sending = true;
  const form = e.target, name = nameOf(form), body = new URLSearchParams(new FormData(form));
  unanswered.set(name, body.get('key'));
  form.querySelector('button').setAttribute('aria-busy', 'true');
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(form.action, { method: 'POST', headers: { Accept: 'text/html' }, body, signal: stop.signal });
    const fresh = await read(answer);
    if (fresh) {
      const was = kept();
      unanswered.delete(name);
      show(fresh, was, { done: answer.ok ? name : '', answer: true });
      const problem = document.getElementById('problem');
      (problem || document.getElementById('said')).scrollIntoView({ block: 'nearest' });
      if (problem) problem.focus();
    }
  } catch (err) {
    // No answer: the form stays with its key, and sent again it is done once.
    const s = document.getElementById('said');
    s.textContent = t('roll.unanswered');
    form.querySelector('button').removeAttribute('aria-busy');
  } finally {
    clearTimeout(timer);
    sending = false;
    if (again) { again = false; refresh(); }
  }
});

connect({
  topic: page.topic,
  asset: page.asset,
  idle: () => !kept().values.some(([form, name]) => name === 'number'),
  onState: refresh,
  onStatus: (state, detail) => {
    document.getElementById('link').setAttribute('data-link', state);
    setIcon(sign, state === 'stale' || state === 'refused' ? 'link-off' : 'link');
    said.textContent = t('common.link.' + state);
    if (state === 'refused' && detail.code === 4401) location.reload(); // revoked: the sign-in says so
  },
});
