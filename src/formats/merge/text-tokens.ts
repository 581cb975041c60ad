import type { Content } from '../content.ts';
import type { JsonObject } from '../json.ts';
import { opsOf, type QuillOp } from '../quill.ts';
import { tokenise } from '../tokens.ts';

/**
 * `character` is a word of one character in a script that writes no spaces, `mark` is punctuation. Words and characters
 * are what merges may never lose or double.
 */
export type TokenKind = 'word' | 'character' | 'space' | 'newline' | 'mark' | 'embed';

/** A stretch of a token, in UTF-16 units, under one set of Quill formats. */
export interface Piece {
  readonly length: number;
  readonly attributes: JsonObject | undefined;
}

/** The unit of merging: a word, a stretch of spaces, an end of line, one other character, or an embed. */
export interface Token {
  readonly kind: TokenKind;
  readonly insert: string | JsonObject;
  /** Its formats from start to end; nothing where it has none. */
  readonly pieces: readonly Piece[] | undefined;
}

const NEWLINE = /\r?\n/;
const WORD = /^[\p{L}\p{N}_]/u;
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** The tokens of a document of one of the formats that are text. */
export function tokensOf({ format, value }: Content): readonly Token[] {
  if (typeof value === 'string') return tokensOfText(value);
  if (format === 'quill') return tokensOfOps(opsOf(value as JsonObject | readonly JsonObject[]));
  throw new TypeError(`A ${format} document is not text.`);
}

/** Do its words count: would it be a loss if the token went? */
export function isWordy({ kind }: Token): boolean {
  return kind === 'word' || kind === 'character' || kind === 'embed';
}

export function countWords(tokens: readonly Token[]): number {
  let count = 0;
  for (const { kind } of tokens) if (kind === 'word' || kind === 'character') count++;
  return count;
}

export function textOfTokens(tokens: readonly Token[]): string {
  return tokens.map(({ insert }) => insert).join('');
}

/** The operations that hold the tokens; canonicalising joins those of equal formats. */
export function opsOfTokens(tokens: readonly Token[]): readonly QuillOp[] {
  const ops: QuillOp[] = [];
  for (const { insert, pieces } of tokens) {
    if (pieces === undefined) ops.push({ insert });
    else if (typeof insert !== 'string') ops.push(opOf(insert, pieces[0]?.attributes));
    else {
      let at = 0;
      for (const { length, attributes } of pieces) {
        ops.push(opOf(insert.slice(at, at + length), attributes));
        at += length;
      }
    }
  }
  return ops;
}

function opOf(insert: string | JsonObject, attributes: JsonObject | undefined): QuillOp {
  return attributes === undefined ? { insert } : { insert, attributes };
}

function tokensOfText(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const insert of splitText(text)) tokens.push({ kind: kindOf(insert), insert, pieces: undefined });
  return tokens;
}

/** Words may go on across a change of formats, so it is the text between two embeds that is cut into words. */
function tokensOfOps(ops: readonly QuillOp[]): readonly Token[] {
  const tokens: Token[] = [];
  let texts: QuillOp[] = [];
  const flush = () => {
    appendText(tokens, texts);
    texts = [];
  };
  for (const op of ops) {
    if (typeof op.insert === 'string') {
      texts.push(op);
      continue;
    }
    flush();
    const { attributes, insert } = op;
    tokens.push({ kind: 'embed', insert, pieces: attributes && [{ length: 1, attributes }] });
  }
  flush();
  return tokens;
}

function appendText(tokens: Token[], ops: readonly QuillOp[]): void {
  const text = ops.map(({ insert }) => insert).join('');
  let index = 0;
  let left = lengthOf(ops[0]);
  for (const insert of splitText(text)) {
    const pieces: Piece[] = [];
    for (let rest = insert.length; rest > 0; ) {
      while (left === 0) left = lengthOf(ops[++index]);
      const length = Math.min(rest, left);
      pieces.push({ length, attributes: ops[index]?.attributes });
      rest -= length;
      left -= length;
    }
    const plain = pieces.every(({ attributes }) => attributes === undefined);
    tokens.push({ kind: kindOf(insert), insert, pieces: plain ? undefined : pieces });
  }
}

function lengthOf(op: QuillOp | undefined): number {
  return op === undefined ? Number.POSITIVE_INFINITY : (op.insert as string).length;
}

/** As `tokenise`, with each end of line by itself. */
function* splitText(text: string): Iterable<string> {
  for (const token of tokenise(text)) {
    if (token.length === 1 || !NEWLINE.test(token)) yield token;
    else yield* token.match(/\r?\n|[^\r\n]+|\r/g) ?? [];
  }
}

function kindOf(insert: string): TokenKind {
  if (UNSPACED.test(insert)) return 'character';
  if (WORD.test(insert)) return 'word';
  if (NEWLINE.test(insert)) return 'newline';
  return /^\s/.test(insert) ? 'space' : 'mark';
}
