// Notices longer than the strip are shown page by page: moving text cannot be
// read by those who read slowly.

/**
 * Cuts words into as few pieces as fit one line of an element, of about equal
 * length, and rather after a comma or full stop than elsewhere.
 * @param {string} words
 * @param {HTMLElement} el of the size and type to fit
 * @returns {string[]}
 */
export function cut(words, el) {
  const ctx = document.createElement('canvas').getContext('2d');
  const style = getComputedStyle(el);
  const room = el.clientWidth * 0.98;
  const list = words.split(/\s+/).filter(Boolean);
  if (!ctx || !room || !list.length) return [words];
  ctx.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  // best[i]: the cheapest way to set the words from i on. A page costs 1, its
  // empty part's square a little, and an end inside a clause a little more.
  const best = new Array(list.length + 1);
  best[list.length] = { cost: 0, end: list.length };
  for (let i = list.length - 1; i >= 0; i--) {
    for (let end = i + 1; end <= list.length; end++) {
      const width = ctx.measureText(list.slice(i, end).join(' ')).width;
      if (width > room && end > i + 1) break; // a single word too long stands alone
      const empty = Math.max(0, 1 - width / room);
      const clause = end === list.length || /[.,;:!?–]$/.test(list[end - 1]) ? 0 : 0.3;
      const cost = 1 + 0.3 * empty * empty + clause + best[end].cost;
      if (!best[i] || cost < best[i].cost) best[i] = { cost, end };
    }
  }
  const pages = [];
  for (let i = 0; i < list.length; i = best[i].end) pages.push(list.slice(i, best[i].end).join(' ').replace(/\s*–$/, ''));
  return pages;
}
