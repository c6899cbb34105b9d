// The console of one counter.

import { html, render, effect } from '../../vendor/preact.js';
import { connect } from '../lib/link.js';
import { desk, dialog, refusal, toast, menu, link, orders, page, snapshot, t, w, press, close, follow, keepTime } from './state.js';
import { modeOf } from './actions.js';
import { actionOf } from './keys.js';
import { Bar, Slip, Next, Rail, Messages } from './parts.js';
import { Dialogs } from './dialogs.js';

function Console() {
  return html`<div class="console" data-link=${link.value.state} data-mode=${modeOf(desk.value)}>
    <${Bar} />
    <main aria-hidden=${dialog.value ? 'true' : null}>
      <div class="work"><${Slip} /><${Next} /></div>
      <${Rail} />
    </main>
    <p class="spoken" role="status" aria-live="polite">${said()}</p>
    <${Messages} />
    <${Dialogs} />
  </div>`;
}

/** The state in a sentence, for who listens instead of looking. */
function said() {
  const k = desk.value.current;
  return k ? t('common.state.' + k.state) + ' ' + k.label + ', ' + w(k.name) : '';
}

document.addEventListener('keydown', (e) => {
  if (e.key === 'Escape' && !e.isComposing) {
    if (dialog.value) close();
    else if (orders.progress.value.phase === 'unknown') orders.forget();
    else if (refusal.value) refusal.value = null;
    else if (menu.value) menu.value = false;
    else toast.value = null;
    return;
  }
  // A key held down must not press the button that takes the place of the first.
  if (e.repeat && (e.key === 'Enter' || e.key === ' ') && e.target.tagName === 'BUTTON') e.preventDefault();
  if (dialog.value) return;
  const name = actionOf(e);
  if (!name) return;
  e.preventDefault();
  press(name);
});

effect(() => {
  const k = desk.value.current;
  document.title = (k ? k.label + ' · ' : '') + t('common.counter.n', { n: desk.value.counter.number });
});

const root = document.getElementById('app');
root.textContent = '';
render(html`<${Console} />`, root);

const feed = connect({
  topic: page.topic,
  asset: page.asset,
  initial: { epoch: page.epoch, seq: page.seq, state: snapshot },
  onState: (state, place) => follow(state, place.epoch, place.seq),
  onStatus: (state, detail) => { link.value = { state, since: detail.lastFrame || 0, code: state === 'refused' ? detail.code : 0 }; },
  // Not in the middle of something: the key of a command would outlive it, but a half-typed word would not.
  idle: () => !dialog.value && !orders.busy(),
});
keepTime(feed.now);
orders.resume();
