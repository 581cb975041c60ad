import type { Block } from './flat.ts';
import type { Lexicon, Token } from './lexicon.ts';

/**
 * A document as one row of items: of each block its start, its tokens, its end. A block whose text nobody changed has
 * no tokens here. Starts and ends are items like any other, so that splitting a block inserts an end and a start, and
 * joining two deletes them.
 */
export interface Stream {
  readonly length: number;
  /** Where each block starts; one more at the end. */
  readonly starts: readonly number[];
  readonly tokens: readonly (readonly Token[])[];
  /** The block of each item. */
  readonly blockOf: Int32Array;
}

const NO_TOKENS: readonly Token[] = [];

export function createStream(blocks: readonly Block[], lexicon: Lexicon, whole: ReadonlySet<number>): Stream {
  const tokens = blocks.map((block, index) => (whole.has(index) ? NO_TOKENS : lexicon.tokensOf(block)));
  const starts = [0];
  for (const row of tokens) starts.push((starts.at(-1) ?? 0) + row.length + 2);
  const blockOf = new Int32Array(starts.at(-1) ?? 0);
  for (let block = 0; block < blocks.length; block++) blockOf.fill(block, starts[block], starts[block + 1]);
  return { length: blockOf.length, starts, tokens, blockOf };
}

export function startOf(stream: Stream, block: number): number {
  return stream.starts[block] ?? 0;
}

export function endOf(stream: Stream, block: number): number {
  return (stream.starts[block + 1] ?? 0) - 1;
}

/** The token at a place, or nothing where a block starts or ends. */
export function tokenAt(stream: Stream, at: number): Token | undefined {
  const block = stream.blockOf[at] ?? 0;
  return stream.tokens[block]?.[at - startOf(stream, block) - 1];
}

export function isStart(stream: Stream, at: number): boolean {
  return startOf(stream, stream.blockOf[at] ?? 0) === at;
}

export function isEnd(stream: Stream, at: number): boolean {
  return endOf(stream, stream.blockOf[at] ?? 0) === at;
}
