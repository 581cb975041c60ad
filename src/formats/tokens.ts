/**
 * Words, the space between them, and everything else a code point at a time, so that no surrogate pair is ever cut. In
 * the scripts that write no space between words each character stands for itself.
 */
const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*|[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*|\s+|./gu;

export function tokenise(text: string): readonly string[] {
  return text.match(TOKEN) ?? [];
}

/** Gives equal keys equal numbers, so that comparing is comparing numbers. */
export type Interner = (key: string) => number;

export function createInterner(): Interner {
  const numbers = new Map<string, number>();
  return (key) => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  };
}
