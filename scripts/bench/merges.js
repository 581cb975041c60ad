import { merge3, readLegacy } from '../../dist/formats/index.js';

const SIZES = [2, 20, 100, 400];
const EDITS = 10;

/** Three-way merges of ten edits a side, by size: the best of many, in a warm process. */
export function benchMerges(runs) {
  return SIZES.map((kilobytes) => {
    const base = documentOf(kilobytes * 1024);
    const contents = [base, edited(base, 'ours', 3), edited(base, 'theirs', 7)].map((value) =>
      readLegacy('prosemirror', JSON.stringify(value)),
    );
    const times = [];
    for (let run = 0; run < runs * 2; run += 1) {
      const start = performance.now();
      merge3(...contents);
      if (run >= runs) times.push(performance.now() - start);
    }
    times.sort((one, two) => one - two);
    return {
      what: `merge of ${EDITS} + ${EDITS} edits into ${kilobytes} KB of text, median`,
      ours: times[times.length >> 1],
      peer: null,
      unit: 'ms',
      target: kilobytes === 20 ? '≤ 15 ms' : '',
    };
  });
}

/** Paragraphs of some eighty words from a small vocabulary, so that words repeat as in real text. */
function documentOf(bytes) {
  const random = randomFrom(bytes);
  const content = [];
  for (let size = 0; size < bytes; ) {
    const words = Array.from({ length: 80 }, () => `w${Math.floor(random() ** 2 * 2_000).toString(36)}`);
    const text = words.join(' ');
    size += text.length;
    content.push({ type: 'paragraph', content: [{ type: 'text', text }] });
  }
  return { type: 'doc', content };
}

/** A word replaced in one block, one put into the next, and again, all over the document. */
function edited(document, word, offset) {
  const content = structuredClone(document.content);
  for (let edit = 0; edit < EDITS; edit += 1) {
    const at = Math.floor(((edit + offset / 10) / EDITS) * content.length);
    const words = content[at].content[0].text.split(' ');
    words.splice(10 + edit, edit % 2, `${word}${edit}`);
    content[at].content[0].text = words.join(' ');
  }
  return { ...document, content };
}

function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}
