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
  /** Equal if and only if `insert` is, among the texts that one lexicon read. */
  readonly id: number;
  readonly kind: TokenKind;
  readonly insert: string | JsonObject;
  /** Its formats from start to end; nothing where it has none. */
  readonly pieces: readonly Piece[] | undefined;
}

const LINES = /[^\n]*\n|[^\n]+/g;
const WORD = /^[\p{L}\p{N}_]/u;
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Reads the documents of one merge: what stands in several of them is looked at once. */
export interface Lexicon {
  read(content: Content): readonly Token[];
}

export function createLexicon(): Lexicon {
  const tokens = new Map<string, Token>();
  const lines = new Map<string, readonly Token[]>();
  const tokenOf = (insert: string): Token => {
    const known = tokens.get(insert);
    if (known !== undefined) return known;
    const token = { id: tokens.size, kind: kindOf(insert), insert, pieces: undefined };
    tokens.set(insert, token);
    return token;
  };
  const embedOf = ({ attributes, insert }: QuillOp): Token => {
    // No text has U+0000 in it, so that none is taken for an embed.
    const { id } = tokenOf(`\0${JSON.stringify(insert)}`);
    return { id, kind: 'embed', insert, pieces: attributes && [{ length: 1, attributes }] };
  };
  const readLine = (line: string): readonly Token[] => {
    const known = lines.get(line);
    if (known !== undefined) return known;
    const end = line.endsWith('\r\n') ? 2 : Number(line.endsWith('\n'));
    const inserts = [...tokenise(line.slice(0, line.length - end)), ...(end > 0 ? [line.slice(-end)] : [])];
    const read = inserts.map(tokenOf);
    lines.set(line, read);
    return read;
  };
  const readText = (text: string) => {
    const read: Token[] = [];
    for (const line of text.match(LINES) ?? []) for (const token of readLine(line)) read.push(token);
    return read;
  };
  return {
    read: ({ value }) =>
      typeof value === 'string'
        ? readText(value)
        : readOps(opsOf(value as JsonObject | readonly JsonObject[]), readText, embedOf),
  };
}

export function isWord({ kind }: Token): boolean {
  return kind === 'word' || kind === 'character';
}

/** Would it be a loss if the token went? */
export function isWordy(token: Token): boolean {
  return isWord(token) || token.kind === 'embed';
}

export function countWords(tokens: readonly Token[]): number {
  let count = 0;
  for (const token of tokens) if (isWord(token)) count++;
  return count;
}

/** A token that stands in none of the texts read. */
export function madeToken(kind: 'space' | 'newline', pieces?: readonly Piece[]): Token {
  return { id: -1, kind, insert: kind === 'space' ? ' ' : '\n', pieces };
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

/** Words may go on across a change of formats, so it is the text between two embeds that is cut into words. */
function readOps(
  ops: readonly QuillOp[],
  readText: (text: string) => readonly Token[],
  embedOf: (op: QuillOp) => Token,
): readonly Token[] {
  const tokens: Token[] = [];
  let texts: QuillOp[] = [];
  const flush = () => {
    appendFormatted(tokens, readText(texts.map(({ insert }) => insert).join('')), texts);
    texts = [];
  };
  for (const op of ops) {
    if (typeof op.insert === 'string') texts.push(op);
    else {
      flush();
      tokens.push(embedOf(op));
    }
  }
  flush();
  return tokens;
}

/** The tokens of the text of these operations, with their formats. */
function appendFormatted(to: Token[], tokens: readonly Token[], ops: readonly QuillOp[]): void {
  let index = 0;
  let left = lengthOf(ops[0]);
  for (const token of tokens) {
    const pieces: Piece[] = [];
    for (let rest = (token.insert as string).length; rest > 0; ) {
      while (left === 0) left = lengthOf(ops[++index]);
      const length = Math.min(rest, left);
      pieces.push({ length, attributes: ops[index]?.attributes });
      rest -= length;
      left -= length;
    }
    const plain = pieces.every(({ attributes }) => attributes === undefined);
    to.push(plain ? token : { ...token, pieces });
  }
}

function lengthOf(op: QuillOp | undefined): number {
  return op === undefined ? Number.POSITIVE_INFINITY : (op.insert as string).length;
}

function kindOf(insert: string): TokenKind {
  if (UNSPACED.test(insert)) return 'character';
  if (WORD.test(insert)) return 'word';
  if (insert.endsWith('\n')) return 'newline';
  return /^\s/.test(insert) ? 'space' : 'mark';
}
