// What the console knows, and what it does about it. The views only read.

import { signal, computed, batch } from '../../vendor/preact.js';
import { readPage, speak, words, clock } from '../lib/page.js';
import { text, known } from '../lib/text.js';
import { commander, refusalWords as sentences, moment } from '../lib/command.js';
import { act, undoOf, sameScreen } from './actions.js';

export const { page, snapshot } = readPage();

/** An empty list may come as null. */
const whole = (d) => ({
  ...d,
  languages: d.languages || page.languages, next: d.next || [], lanes: d.lanes || [], parked: d.parked || [],
  missed: d.missed || [], slips: d.slips || [], devices: d.devices || [], targets: d.targets || [],
  claims: d.claims || [], classes: d.classes || [],
});

/** @type {{value: any}} staff.Desk, as the server last told it */
export const desk = signal(whole(snapshot));
export const lang = signal(page.lang);
/** connecting | live | stale | refused, and when the last frame came (server time, ms; 0 when none did), and with
    what code the daemon refused. */
export const link = signal({ state: 'connecting', since: 0, code: 0 });
/** Server time in ms, moving once a second. */
export const now = signal(Date.now());
/** What lies over the screen: null, or {kind: 'pause'|'transfer'|'direct'|'dossiers'|'legs'|'rebook'|'claim'|'help'|'call', …}. */
export const dialog = signal(null);
export const close = () => { dialog.value = null; };
/** The sentence of the last refusal, until it is put away. */
export const refusal = signal(null);
export const toast = signal(null);
export const menu = signal(false);

let serverNow = () => Date.now();
let place = { epoch: page.epoch, seq: page.seq };
/** The journal position an accepted command reached: until the desk shows it, keys would act on the past. */
const awaited = signal(null);
let guardUntil = 0;
/** After the screen changed, a key struck for the old one is not taken for the new. */
const GUARD = 600;
/** How long the desk may lag behind an answer before keys count again. */
const LAG = 2000;

export const t = (key, args) => text(lang.value, key, args);
/** Words of a {language: words} text. */
export const w = (x) => words(x, lang.value, ...desk.value.languages);
export { clock };
export const minutesSince = (ms) => Math.max(0, Math.floor((now.value - ms) / 60000));

export const setLang = (l) => speak(l, () => { lang.value = l; });

/** Takes the server's clock from the link; ages move by it once a second. */
export function keepTime(clockNow) {
  serverNow = clockNow;
  tick();
  setInterval(tick, 1000);
}
const tick = () => { now.value = serverNow(); };

/** Takes a newer desk. */
export function follow(next, epoch, seq) {
  const state = whole(next);
  const same = sameScreen(desk.value, state);
  place = { epoch, seq };
  batch(() => {
    if (!same) guardUntil = Date.now() + GUARD;
    desk.value = state;
    const a = awaited.value;
    if (a && (a.epoch !== epoch || seq >= a.seq)) awaited.value = null;
    tick();
  });
}

/** Commands on a ticket, by the event they make: no counter's undo knows of them. */
const kept = {
  confirm: 'ticket.class_set.v1', decline: 'ticket.class_set.v1', dossiers: 'ticket.dossiers_set.v1',
  legs: 'ticket.legs_planned.v1', rebook: 'ticket.cancelled.v1', reactivate: 'ticket.reactivated.v1',
};
const own = signal(null);
/** What may be taken back now, with its order; null: nothing. */
export const undoable = computed(() => undoOf(desk.value, own.value, now.value));

export const orders = commander({
  store: 'motcua.console.' + snapshot.counter.id,
  done(intent, answer) {
    if (answer && answer.seq && answer.epoch === place.epoch && answer.seq > place.seq) {
      const mine = { epoch: answer.epoch, seq: answer.seq };
      awaited.value = mine;
      setTimeout(() => { if (awaited.value === mine) awaited.value = null; }, LAG);
    }
    refusal.value = null;
    const x = intent.label || (answer && (answer.label || answer.ticket && answer.ticket.label)) || '';
    own.value = kept[intent.name] ? { what: kept[intent.name], ticket: Number(intent.path.split('/')[4]), label: x, until: serverNow() + desk.value.rules.undo_within * 1000 } : null;
    const booked = answer && answer.appointment;
    const key = 'console.did.' + intent.name;
    if (booked && booked.slot) tell(key, { x, code: booked.code.replace(/-/g, '\u2011'), when: t('error.next', moment(Date.parse(booked.slot), serverNow())) }, 'keep');
    else if (intent.name === 'finish' && answer && answer.ticket && answer.ticket.state === 'waiting') {
      const to = desk.value.lanes.find((l) => l.category === answer.ticket.category);
      tell('console.did.leg', { x, to: to ? w(to.name) : answer.ticket.category });
    } else if (known(key)) tell(key, { x });
  },
  refused(intent, problem) { refusal.value = { intent, problem, at: Date.now() }; },
});

export const progress = orders.progress;
/** The command on its way, by name; "" when none is. */
export const pending = computed(() => {
  const p = progress.value;
  return p.phase === 'sending' || p.phase === 'retrying' ? p.intent.name : '';
});

let toasts = 0;
/** Says something in passing. */
export function tell(key, args, tone = 'ok') { toast.value = { id: ++toasts, key, args, tone }; }

/** Sends an order unless one is on its way or the screen has just changed. */
export function send(order) {
  if (orders.busy() || awaited.value || Date.now() < guardUntil) return false;
  refusal.value = null;
  menu.value = false;
  return orders.send(order.name, order.path, order.body, order.label);
}

const opens = ['pause', 'transfer', 'direct', 'dossiers', 'legs', 'rebook', 'claim', 'help'];
const lists = { to_next: 'next', to_parked: 'parked', to_missed: 'missed', to_slips: 'slips' };

/** Does what a key or a button asks for, or says why it cannot be done now. */
export function press(name) {
  if (name === 'undo') {
    if (undoable.value) send(undoable.value.order);
    else tell('console.undo.none', {}, 'warn');
    return;
  }
  const a = act(desk.value, name, now.value);
  if (!a.on) {
    if (a.wait > 0) tell('console.wait.' + name, { n: a.wait }, 'warn');
    else if (name === 'next' && !desk.value.current && desk.value.counter.state === 'open') tell('console.nobody', {}, 'warn');
    return;
  }
  if (opens.includes(name)) {
    if (name !== 'help' && (orders.busy() || Date.now() < guardUntil)) return;
    menu.value = false;
    dialog.value = { kind: name };
    return;
  }
  if (lists[name]) {
    const first = document.querySelector('[data-list="' + lists[name] + '"] button');
    if (first) first.focus();
    return;
  }
  send(a.order);
}

/** The sentences of a refusal: what is wrong, and what to do. */
export function refusalWords(p, name) {
  const here = 'console.not.' + name + '.' + p.reason;
  return known(here) ? t(here) : sentences(p, t, serverNow()) || t('console.refused');
}

/** Why a ticket comes next, in words (routing.md §1). */
export function reasonWords(ticket, r) {
  if (!r || !r.code) return '';
  let key = 'reason.' + r.code;
  if (r.code === 'manual' && known('reason.' + r.cause)) key = 'reason.' + r.cause; // parked, transferred_first
  // A strict class has no head start worth telling (routing.md §1).
  if (r.code === 'priority' && !(r.head_start > 0 && r.head_start < 1440)) key = 'reason.priority_strict';
  // Between two legs a ticket keeps its hour as one that was transferred does.
  if (r.code === 'transfer' && ticket.leg > 1) key = 'console.why.leg';
  if (!known(key)) return '';
  const cause = r.cause ? 'reason.cause.' + r.cause : '';
  return t(key, {
    x: ticket.label,
    a: r.arrival ? clock(r.arrival) : '',
    v: r.effective && r.effective > 0 ? clock(r.effective) : '',
    H: r.head_start || 0,
    m: r.other || '',
    D: r.window || 0,
    Ex: r.expected || 0,
    Em: r.other_expected || 0,
    G: r.guard || 0,
    s: r.slot ? clock(r.slot) : '',
    cause: cause && known(cause) ? t(cause) : r.cause || '',
  });
}
