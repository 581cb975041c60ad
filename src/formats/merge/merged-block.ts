import type { JsonObject } from '../json.ts';
import type { Marks, Token } from './lexicon.ts';
import type { Source } from './nesting.ts';

/** A token of the merge, and where it stands in each side, so that what stood together there can be told. */
export interface MergedToken {
  readonly token: Token;
  readonly marks: Marks;
  readonly ours: number;
  readonly theirs: number;
}

/** A block of the merge: tokens, or its content as it is where nobody changed the text. */
export interface MergedBlock {
  readonly source: Source;
  readonly content: MergedToken[] | { readonly whole: readonly JsonObject[] };
  /** Nothing opened it but text whose own block is gone. */
  readonly rescued: boolean;
}

/** Puts items into blocks, in whatever order starts, tokens and ends come. */
export interface BlockWriter {
  readonly start: (source: Source) => void;
  /** @param home what to open for it where no block is open */
  readonly token: (token: MergedToken, home: Source) => void;
  readonly whole: (source: Source, content: readonly JsonObject[]) => void;
  readonly end: () => void;
  readonly finish: () => readonly MergedBlock[];
}

/** @param keepEmpty whether a block that ended up with no content stays */
export function createBlockWriter(keepEmpty: (source: Source) => boolean): BlockWriter {
  const blocks: MergedBlock[] = [];
  let open: (MergedBlock & { readonly content: MergedToken[] }) | undefined;
  const end = () => {
    if (open !== undefined && (open.content.length > 0 || keepEmpty(open.source))) blocks.push(open);
    open = undefined;
  };
  const start = (source: Source) => {
    end();
    open = { source, content: [], rescued: false };
  };
  const token = (item: MergedToken, home: Source) => {
    open ??= { source: home, content: [], rescued: true };
    open.content.push(item);
  };
  const whole = (source: Source, content: readonly JsonObject[]) => {
    end();
    blocks.push({ source, content: { whole: content }, rescued: false });
  };
  const finish = () => {
    end();
    return blocks;
  };
  return { start, token, whole, end, finish };
}
