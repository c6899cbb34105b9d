// Messages in the subset of ICU MessageFormat that message.go reads;
// i18n/vectors.json holds both to it.

/** @typedef {string | {arg: string} | {hash: true} | {arg: string, choice: 'plural'|'select', cases: Object<string, Node[]>}} Node */

/**
 * @param {string} src
 * @returns {Node[]}
 */
export function parse(src) {
  let i = 0, plurals = 0;
  const space = () => { while (i < src.length && ' \t\n\r'.includes(src[i])) i++; };
  const word = () => {
    space();
    const from = i;
    while (i < src.length && !" \t\n\r,{}'".includes(src[i])) i++;
    const w = src.slice(from, i);
    space();
    return w;
  };
  const fail = (why) => { throw new SyntaxError(`${why} in "${src}"`); };
  const take = (c) => src[i] === c ? (i++, true) : false;

  function quote() {
    i++;
    if (i >= src.length) return "'";
    const c = src[i];
    if (c === "'") { i++; return "'"; }
    if (!(c === '{' || c === '}' || c === '#' && plurals)) return "'";
    let out = '';
    while (i < src.length) {
      if (src[i] !== "'") { out += src[i++]; continue; }
      i++;
      if (src[i] !== "'") break;
      out += "'";
      i++;
    }
    return out;
  }

  function argument() {
    i++;
    const arg = word();
    if (!arg) fail('an argument without a name');
    if (take('}')) return { arg };
    if (!take(',')) fail(`a comma or closing brace is missing after {${arg}`);
    const choice = word();
    if (choice !== 'plural' && choice !== 'select') fail('only plural and select are known');
    if (!take(',')) fail('a comma is missing');
    const cases = Object.create(null);
    for (let key = word(); key; key = word()) {
      if (!take('{')) fail(`an opening brace is missing after ${key}`);
      if (choice === 'plural') plurals++;
      cases[key] = nodes(true);
      if (choice === 'plural') plurals--;
      i++;
    }
    if (!take('}')) fail('a closing brace is missing');
    if (!cases.other) fail('there is no other');
    return { arg, choice, cases };
  }

  /** @returns {Node[]} */
  function nodes(inside) {
    const out = [];
    let lit = '';
    const flush = () => { if (lit) { out.push(lit); lit = ''; } };
    while (i < src.length) {
      const c = src[i];
      if (c === "'") lit += quote();
      else if (c === '{') { flush(); out.push(argument()); }
      else if (c === '}') {
        if (!inside) fail('a closing brace too many');
        flush();
        return out;
      } else if (c === '#' && plurals) { flush(); out.push({ hash: true }); i++; }
      else { lit += c; i++; }
    }
    if (inside) fail('a closing brace is missing');
    flush();
    return out;
  }
  return nodes(false);
}

const rules = new Map();
function form(lang, n) {
  if (!Number.isInteger(n)) return 'other';
  let r = rules.get(lang);
  if (!r) rules.set(lang, r = new Intl.PluralRules(lang));
  return r.select(n);
}

/**
 * @param {Node[]} nodes
 * @param {string} lang
 * @param {Object<string, any>} args
 */
export function format(nodes, lang, args = {}, number = '') {
  let out = '';
  for (const n of nodes) {
    if (typeof n === 'string') { out += n; continue; }
    if (n.hash) { out += number; continue; }
    const has = args && n.arg in args && args[n.arg] !== null && args[n.arg] !== undefined;
    const v = has ? String(args[n.arg]) : '';
    if (!n.choice) { out += has ? v : `{${n.arg}}`; continue; }
    if (n.choice === 'select') { out += format(n.cases[v] || n.cases.other, lang, args, number); continue; }
    const c = n.cases['=' + v] || (v !== '' && n.cases[form(lang, Number(v))]) || n.cases.other;
    out += format(c, lang, args, v);
  }
  return out;
}

/** The page's texts, by language and key. @type {Object<string, Object<string, string>>} */
let sources = {};
const parsed = new Map();

/**
 * Gives the module texts beside those it has; readPage does it for a face.
 * @param {{keys: string[], texts: Object<string, string[]>}} words each language's texts in the keys' order; '' for none
 */
export function load({ keys, texts }) {
  for (const l of Object.keys(texts)) {
    sources[l] = {};
    keys.forEach((key, i) => { if (texts[l][i]) sources[l][key] = texts[l][i]; });
  }
  parsed.clear();
}

/** Whether the texts of a language are here. */
export function speaks(lang) { return lang in sources; }

/**
 * A text in a language, in Vietnamese when there is none, else the key.
 * @param {string} lang
 * @param {string} key
 * @param {Object<string, any>} [args]
 */
export function text(lang, key, args) {
  for (const l of [lang, 'vi']) {
    const src = sources[l] && sources[l][key];
    if (src === undefined) continue;
    const id = l + ' ' + key;
    let nodes = parsed.get(id);
    if (!nodes) parsed.set(id, nodes = parse(src));
    return format(nodes, l, args);
  }
  return key;
}

/** Whether there is such a text in any language. */
export function known(key) { return Object.keys(sources).some((l) => key in sources[l]); }
