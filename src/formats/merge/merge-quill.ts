import type { Content } from '../content.ts';
import type { Json, JsonObject } from '../json.ts';
import { BARE_LIST, entriesOfQuill, quillFrom } from '../layout.ts';
import { mergeValues, type OnClash } from './merge-formats.ts';
import { opsOfTokens, type Token } from './text-tokens.ts';

/** A Quill document around merged tokens: its other keys, and its form, are three-way registers. */
export function mergeQuill(
  base: Content,
  ours: Content,
  theirs: Content,
  tokens: readonly Token[],
  onClash: OnClash,
): unknown {
  const [before, one, two] = [base, ours, theirs].map(({ value }) =>
    entriesOfQuill(value as JsonObject | readonly JsonObject[]),
  );
  const merged = new Map<string, Json>();
  for (const key of new Set([before, one, two].flatMap((entries) => [...(entries?.keys() ?? [])]))) {
    const clash = () => onClash('attribute-clash');
    const value = mergeValues(before?.get(key), one?.get(key), two?.get(key), clash);
    if (value !== undefined) merged.set(key, value);
  }
  // A bare list has no room for keys: that one side wrote some outweighs that the other made it one.
  if (merged.size > 1) merged.delete(BARE_LIST);
  return quillFrom(merged, opsOfTokens(tokens));
}
