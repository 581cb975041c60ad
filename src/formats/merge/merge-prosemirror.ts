import { type Content, contentOf } from '../content.ts';
import type { JsonObject } from '../json.ts';
import { plainText } from './block-texts.ts';
import { flatten } from './flat.ts';
import { judgeMerge } from './judge.ts';
import { learnKinds } from './kinds.ts';
import { createLexicon } from './lexicon.ts';
import { matchSides } from './match-side.ts';
import type { Merge, MergeReason } from './merge.ts';
import { mergeStream } from './merge-stream.ts';
import { mergeNesting } from './nesting.ts';
import { orderBlocks } from './order-blocks.ts';
import { rebuild } from './rebuild.ts';
import { mergeShells } from './registers.ts';
import { reviewBlocks } from './review.ts';
import { learnStructure } from './structure.ts';
import { createWordReader } from './words.ts';

/**
 * Merges two changes of a ProseMirror document: as one row of words and edges of blocks, where splitting, joining and
 * moving blocks carry no text away with them; what stands in what is merged apart from it.
 */
export function mergeProsemirror(base: Content, ours: Content, theirs: Content): Merge {
  const met = new Set<MergeReason>();
  const value = mergeDocuments(documentOf(base), documentOf(ours), documentOf(theirs), (reason) => {
    met.add(reason);
  });
  const content = contentOf('prosemirror', value);
  const read = createWordReader();
  const wordsOf = (one: Content) => read(plainText(one));
  const words = {
    base: wordsOf(base),
    ours: wordsOf(ours),
    theirs: wordsOf(theirs),
    result: wordsOf(content),
  };
  return judgeMerge(content, words, met);
}

function mergeDocuments(
  base: JsonObject,
  ours: JsonObject,
  theirs: JsonObject,
  note: (reason: MergeReason) => void,
): JsonObject {
  const documents = [base, ours, theirs];
  const isLeaf = learnKinds(documents);
  const lexicon = createLexicon();
  const [one, two, three] = [flatten(base, isLeaf), flatten(ours, isLeaf), flatten(theirs, isLeaf)];
  const matches = matchSides(one, two, three, lexicon);
  const nesting = mergeNesting(matches, note);
  const order = orderBlocks(matches, note);
  const top = mergeShells(one.top, two.top, three.top, note);
  const structure = learnStructure(documents, isLeaf);
  const mayRepeat = (block: number) => {
    const { type } = nesting.shellOf({ of: 'base', block });
    const parent = nesting.boxes[nesting.parentOf({ of: 'base', block })]?.shell ?? top;
    return ALWAYS_REPEAT.test(type) || structure.repeats(parent.type, type);
  };
  const blocks = mergeStream(matches, nesting, order, lexicon, mayRepeat, note);
  reviewBlocks(matches, note);
  return rebuild(blocks, top, matches, nesting, structure, lexicon, note);
}

/** In every common schema as many of these may follow each other as there are. */
const ALWAYS_REPEAT = /^(paragraph|heading|code_?block)$/i;

function documentOf({ value }: Content): JsonObject {
  return value as JsonObject;
}
