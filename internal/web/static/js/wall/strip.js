// Notices longer than the strip are shown page by page: moving text cannot be
// read by those who read slowly.

/**
 * Cuts words into pieces that fit one line of an element.
 * @param {string} words
 * @param {HTMLElement} el of the size and type to fit
 * @returns {string[]}
 */
export function cut(words, el) {
  const ctx = document.createElement('canvas').getContext('2d');
  const style = getComputedStyle(el);
  const room = el.clientWidth;
  if (!ctx || !room) return [words];
  ctx.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const pages = [];
  let line = '';
  for (const word of words.split(/\s+/).filter(Boolean)) {
    const longer = line ? line + ' ' + word : word;
    if (line && ctx.measureText(longer).width > room * 0.98) {
      pages.push(line);
      line = word;
    } else line = longer;
  }
  if (line) pages.push(line);
  return pages.length ? pages : [''];
}
