import { readFileSync } from 'node:fs';
import { defaultMarkdownParser, schema } from 'prosemirror-markdown';
import { Node } from 'prosemirror-model';
import { describe, expect, it } from 'vitest';
import { type Content, merge3 } from '../../../src/formats/index.ts';
import { plainText } from '../../../src/formats/merge/block-texts.ts';
import { SEED } from '../../support/random.ts';
import { PATIENT } from '../arbitraries.ts';
import { sampleOfReadmes } from '../readmes.ts';
import { contentOf } from './cases.ts';
import { type Doc, isTextBlock, spots } from './tree.ts';
import { createWriter, type Writer } from './writer.ts';

const documents = sampleOfReadmes(30).map((path, index) => ({
  path,
  index,
  base: defaultMarkdownParser.parse(readFileSync(path, 'utf8')).toJSON() as Doc,
}));

/** Written by people, so words repeat: counted, each word stands as often as the base and both changes say. */
describe(`two changes of a real document (DUALPATH_SEED=${SEED})`, PATIENT, () => {
  it.each(documents)('$path: no word more, no word less, and an editor opens it', ({ base, index }) => {
    const writer = createWriter('x', SEED + index);
    const [ours, theirs] = [structuredClone(base), structuredClone(base)];
    // Neither touches a block of the other's, so that no word is deleted by both; one adds blocks, one splits them.
    edit(ours, 0, writer, true);
    edit(theirs, 1, writer, false);
    const contents = [contentOf(base), contentOf(ours), contentOf(theirs)] as const;
    const { content } = merge3(...contents);
    const [before, one, two] = contents.map(countsOf);
    const after = countsOf(content);
    for (const word of new Set([before, one, two, after].flatMap((counts) => [...(counts?.keys() ?? [])]))) {
      const [a, b, c] = [before, one, two].map((counts) => counts?.get(word) ?? 0) as [
        number,
        number,
        number,
      ];
      expect([word, after.get(word) ?? 0]).toEqual([word, b + c - a]);
    }
    Node.fromJSON(schema, content.value).check();
  });
});

/** Puts words into every other text block, or takes some out, and splits it or adds one after it. */
function edit(document: Doc, remainder: number, writer: Writer, adds: boolean): void {
  const blocks = spots(document, (node) => isTextBlock(node) && node.content?.[0]?.type === 'text');
  for (const [number, { node, parent }] of blocks.entries()) {
    const text = node.content?.[0];
    if (number % 2 !== remainder || text?.text === undefined || writer.below(3) === 0) continue;
    const words = text.text.split(' ');
    words.splice(writer.below(words.length), writer.below(3), writer.newWord());
    text.text = words.join(' ');
    if (writer.below(4) > 0 || node.type !== 'paragraph') continue;
    const at = (parent.content?.indexOf(node) ?? 0) + 1;
    const rest = adds ? [{ type: 'text', text: writer.newWord() }] : (node.content?.splice(1) ?? []);
    parent.content?.splice(at, 0, { type: 'paragraph', content: rest });
  }
}

function countsOf(content: Content): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of plainText(content).match(/[\p{L}\p{N}_]+/gu) ?? []) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
