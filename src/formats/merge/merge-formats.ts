import type { Json, JsonObject } from '../json.ts';
import type { Piece, Token } from './text-tokens.ts';

/** Told of a value that both sides changed to something else; the merge keeps that of ours. */
export type OnClash = (reason: 'attribute-clash' | 'type-clash') => void;

/** Quill's line formats of which a line has one: they say what the line is. */
const LINE_TYPES = ['blockquote', 'code-block', 'header', 'list', 'table'];

/** A three-way register: what one side changed holds; `undefined` is absent. */
export function mergeValues(
  base: Json | undefined,
  ours: Json | undefined,
  theirs: Json | undefined,
  onClash: () => void,
): Json | undefined {
  if (equal(ours, theirs) || equal(theirs, base)) return ours;
  if (!equal(ours, base)) {
    onClash();
    return ours;
  }
  return theirs;
}

/** Merges objects key by key, each key a register. */
function mergeObjects(
  base: JsonObject | undefined,
  ours: JsonObject | undefined,
  theirs: JsonObject | undefined,
  onClash: () => void,
): JsonObject | undefined {
  if (equal(ours, theirs) || equal(theirs, base)) return ours;
  if (equal(ours, base)) return theirs;
  const merged: Record<string, Json> = {};
  for (const key of new Set([base, ours, theirs].flatMap((it) => Object.keys(it ?? {})))) {
    const value = mergeValues(base?.[key], ours?.[key], theirs?.[key], onClash);
    if (value !== undefined) merged[key] = value;
  }
  return Object.keys(merged).length > 0 ? merged : undefined;
}

/** The formats of a token that both sides kept. */
export function mergeFormats(base: Token, ours: Token, theirs: Token, onClash: OnClash): Token {
  if (base.pieces === undefined && ours.pieces === undefined && theirs.pieces === undefined) return ours;
  const line = base.kind === 'newline';
  const pieces = cutTogether([base, ours, theirs]).map(({ length, attributes: [before, one, two] }) => ({
    length,
    attributes: line
      ? mergeLineFormats(before, one, two, onClash)
      : mergeObjects(before, one, two, () => onClash('attribute-clash')),
  }));
  const plain = pieces.every(({ attributes }) => attributes === undefined);
  return { ...ours, pieces: plain ? undefined : pieces };
}

/** What a line is, is one register; that one side made a heading of it and the other a list item does not add up. */
function mergeLineFormats(
  base: JsonObject | undefined,
  ours: JsonObject | undefined,
  theirs: JsonObject | undefined,
  onClash: OnClash,
): JsonObject | undefined {
  const type = mergeValues(typeIn(base), typeIn(ours), typeIn(theirs), () => onClash('type-clash'));
  const others = mergeObjects(withoutType(base), withoutType(ours), withoutType(theirs), () =>
    onClash('attribute-clash'),
  );
  return withKeys({ ...(type as JsonObject | undefined), ...others });
}

function typeIn(formats: JsonObject | undefined): JsonObject | undefined {
  return withKeys(picked(formats, (name) => LINE_TYPES.includes(name)));
}

function withoutType(formats: JsonObject | undefined): JsonObject | undefined {
  return withKeys(picked(formats, (name) => !LINE_TYPES.includes(name)));
}

function picked(formats: JsonObject | undefined, wanted: (name: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(formats ?? {}).filter(([name]) => wanted(name)));
}

function withKeys(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length > 0 ? object : undefined;
}

interface Cut {
  readonly length: number;
  readonly attributes: readonly (JsonObject | undefined)[];
}

/** The pieces of tokens of one length, cut wherever one of them changes its formats. */
function cutTogether(tokens: readonly Token[]): readonly Cut[] {
  const cursors = tokens.map(({ insert, pieces }) => {
    const length = typeof insert === 'string' ? insert.length : 1;
    const all: readonly Piece[] = pieces ?? [{ length, attributes: undefined }];
    return { all, index: 0, left: all[0]?.length ?? 0 };
  });
  const cuts: Cut[] = [];
  while (cursors.every(({ left }) => left > 0)) {
    const length = Math.min(...cursors.map(({ left }) => left));
    cuts.push({ length, attributes: cursors.map(({ all, index }) => all[index]?.attributes) });
    for (const cursor of cursors) {
      cursor.left -= length;
      if (cursor.left === 0) cursor.left = cursor.all[++cursor.index]?.length ?? 0;
    }
  }
  return cuts;
}

/** Canonical values are equal if and only if their JSON is. */
function equal(one: Json | undefined, two: Json | undefined): boolean {
  return (
    one === two || (one !== undefined && two !== undefined && JSON.stringify(one) === JSON.stringify(two))
  );
}
