// Drawings of the console and the desk, on a 24 × 24 grid with a round line of
// 2. They stand beside a word, never instead of one.

import { html } from '../../vendor/preact.js';

const paths = {
  tick: 'M4 12.5l5.5 5.5L20 6.5',
  play: 'M7 4.5v15l12-7.5z',
  pause: 'M8.5 5v14M15.5 5v14',
  call: 'M3 10v4h3l10 4.5v-13L6 10zM19 9.3a4.3 4.3 0 0 1 0 5.4M7 14.5V19h3l.6-3',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5.2l3.2 2',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.4v.2',
  alert: 'M12 3.5L22 20.5H2zM12 10v4.5M12 17.3v.1',
  star: 'M12 3.2l2.7 5.6 6.1.8-4.5 4.2 1.1 6.1-5.4-3-5.4 3 1.1-6.1L3.2 9.6l6.1-.8z',
  closed: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12h8',
  hold: 'M6 3h12M6 21h12M8 3v3.5c0 2.5 4 4 4 5.5s-4 3-4 5.5V21M16 3v3.5c0 2.5-4 4-4 5.5s4 3 4 5.5V21',
  move: 'M4 8h15M15 4l4 4-4 4M20 16H5M9 12l-4 4 4 4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  offline: 'M3 3l18 18M2.5 9.5c1-1 2.1-1.8 3.3-2.4M10.5 5.6a13.6 13.6 0 0 1 11 3.9M6 13.3a8.6 8.6 0 0 1 4-2.2M12 18v.1',
  printer: 'M7 8V3h10v5M7 17H4a1 1 0 0 1-1-1v-6a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v6a1 1 0 0 1-1 1h-3M7 14h10v7H7z',
  desk: 'M12 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM6.5 14c.5-2.6 2.7-4 5.5-4s5 1.4 5.5 4M2.500 14h19M4.500 14v7M19.500 14v7',
  screen: 'M3 4h18v12H3zM8 20.500h8M12 16v4.500',
  panel: 'M5 2.500h14v19H5zM9 7h6M9 11h6M9 15h6',
  out: 'M9 5H5v14h14v-4M13 4h7v7M20 4l-9 9',
  back: 'M4 10h11a5 5 0 0 1 0 10h-4M8 6l-4 4 4 4',
};

export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"
    fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d=${paths[name]} /></svg>`;
}
