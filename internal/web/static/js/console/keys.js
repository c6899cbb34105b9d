// Keys of the console. They go by their place on the keyboard (event.code), so
// that Telex and VNI, which change what a key types, change nothing here.

/**
 * @typedef {{code: string, action: string, shift?: boolean, ctrl?: boolean, hidden?: boolean}} Binding
 *   hidden: a second way to the same action, not shown on its button.
 */

/** @type {Binding[]} */
export const bindings = [
  { code: 'KeyG', action: 'next' },
  { code: 'NumpadEnter', action: 'next', hidden: true },
  { code: 'KeyB', action: 'start' },
  { code: 'KeyL', action: 'recall' },
  { code: 'KeyV', action: 'no_show' },
  { code: 'KeyH', action: 'finish' },
  { code: 'KeyG', shift: true, action: 'finish_next' },
  { code: 'Digit2', action: 'papers_missing' },
  { code: 'Digit3', action: 'filed_online' },
  { code: 'Digit4', action: 'wrong_place' },
  { code: 'Digit5', action: 'left' },
  { code: 'KeyT', action: 'park' },
  { code: 'KeyC', action: 'transfer' },
  { code: 'KeyU', action: 'undo' },
  { code: 'KeyZ', ctrl: true, action: 'undo', hidden: true },
  { code: 'KeyK', action: 'direct' },
  { code: 'KeyS', action: 'dossiers' },
  { code: 'KeyE', action: 'legs' },
  { code: 'KeyA', action: 'rebook' },
  { code: 'KeyX', action: 'claim' },
  { code: 'KeyM', action: 'open' },
  { code: 'KeyN', action: 'pause' },
  { code: 'KeyD', action: 'close' },
  { code: 'KeyO', action: 'to_next' },
  { code: 'KeyP', action: 'to_parked' },
  { code: 'KeyR', action: 'to_missed' },
  { code: 'KeyI', action: 'to_slips' },
];

/** What stands on an action's keycaps. */
export function caps(action) {
  if (action === 'help') return ['?'];
  const b = bindings.find((k) => k.action === action && !k.hidden);
  if (!b) return [];
  const cap = b.code.replace(/^Key|^Digit/, '');
  return b.shift ? ['Shift', cap] : [cap];
}

/** Whether what is typed there is text and none of our business. */
export function takesText(el) {
  if (!el || !el.tagName) return false;
  if (el.isContentEditable || el.tagName === 'TEXTAREA' || el.tagName === 'SELECT') return true;
  return el.tagName === 'INPUT' && !/^(button|checkbox|radio|submit|reset)$/.test(el.type);
}

/**
 * The action a key press asks for, or "".
 * @param {KeyboardEvent} e
 */
export function actionOf(e) {
  if (e.repeat || e.isComposing || e.altKey || e.metaKey || takesText(e.target)) return '';
  if (!e.ctrlKey && (e.key === '?' || (e.code === 'Slash' && e.shiftKey))) return 'help';
  const b = bindings.find((k) => k.code === e.code && !!k.shift === e.shiftKey && !!k.ctrl === e.ctrlKey);
  return b ? b.action : '';
}
