// What entered the journal, as sentences.

const KEEP = 12;
/** Labels of tickets, for events that name only the ticket. */
const labels = new Map();

/** Takes the labels of the tickets of a staff snapshot. */
export function remember(state) {
  const list = state && state.tickets;
  if (Array.isArray(list)) list.forEach((k) => { if (k && k.id && k.label) labels.set(k.id, k.label); });
}

const clocks = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Ho_Chi_Minh', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** "10:22:05" of a moment in ms or as RFC 3339. */
export function timeOf(at) {
  const d = new Date(at);
  return isNaN(d) ? '' : clocks.format(d);
}

/**
 * The newest lines first, at most twelve; what is there already is not taken again.
 * @param {any[]} before
 * @param {{seq: number, at: any, type: string, data: any}[]} events
 */
export function tapeOf(before, events) {
  const lines = before.slice();
  for (const e of events) {
    if (lines.some((l) => l.seq === e.seq)) continue;
    const data = e.data || {};
    if (e.type === 'ticket.issued.v1' && data.label) labels.set(e.seq, data.label);
    lines.unshift({ seq: e.seq, time: timeOf(e.at), type: e.type, data, label: data.label || labels.get(data.ticket) || '' });
  }
  lines.sort((a, b) => b.seq - a.seq);
  return lines.slice(0, KEEP);
}

/** A line of the tape; an event without words shows its name. */
export function eventWords(e, t, known) {
  const d = e.data;
  const key = 'demo.event.' + e.type.replace(/\.v\d+$/, '').replace('.', '_');
  if (!known(key)) return e.type;
  return t(key, { x: e.label || (d.ticket ? '#' + d.ticket : ''), k: d.counter || d.bound || '', c: d.category || '', n: d.call || 0, day: d.day || '', code: d.code || '', proof: d.proof ? 'yes' : 'no', seen: d.seen ? 'yes' : 'no' });
}
