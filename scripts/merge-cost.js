// What a merge costs by size: `npm run build`, then `node scripts/merge-cost.js`. Ten edits on each side, in words spread
// over the document; the best and the median processor time of many merges in one warm process.
import { merge3, readLegacy } from '../dist/formats/index.js';

const SIZES = [2, 20, 100, 400];
const EDITS = 10;
const WARM = 30;

for (const kilobytes of SIZES) {
  const base = documentOf(kilobytes * 1024);
  const [ours, theirs] = [edited(base, 'ours', 3), edited(base, 'theirs', 7)];
  const contents = [base, ours, theirs].map((value) => readLegacy('prosemirror', JSON.stringify(value)));
  const times = [];
  for (let run = 0; run < WARM * 2; run += 1) {
    const from = process.cpuUsage();
    merge3(...contents);
    if (run >= WARM) times.push(millisecondsSince(from));
  }
  times.sort((one, two) => one - two);
  const [best, median] = [times[0], times[times.length >> 1]].map((time) => time.toFixed(1));
  console.log(`${kilobytes} KB of text, ${EDITS} edits a side: best ${best} ms, median ${median} ms`);
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

/** A word replaced in one block, one put into the next, a block split, and again, all over the document. */
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
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

function millisecondsSince(from) {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}
