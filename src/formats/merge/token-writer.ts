import { madeToken, type Token } from './text-tokens.ts';

const SPACE = madeToken('space');

/** Collects the tokens of a result. */
export interface TokenWriter {
  readonly tokens: readonly Token[];
  push(...tokens: readonly Token[]): void;
  /** What comes next is another writer's text. */
  seam(): void;
}

/**
 * Two words never stood side by side in one text, or they would be one word: where a merge brings them together, what was
 * between them went with one side, and a space keeps them apart. At a seam it also keeps a word from punctuation.
 */
export function createTokenWriter(): TokenWriter {
  const tokens: Token[] = [];
  let atSeam = false;
  return {
    tokens,
    push(...added) {
      for (const token of added) {
        const last = tokens.at(-1)?.kind;
        if (token.kind === 'word' && (last === 'word' || (atSeam && last === 'mark'))) tokens.push(SPACE);
        tokens.push(token);
        atSeam = false;
      }
    },
    seam() {
      atSeam = true;
    },
  };
}
