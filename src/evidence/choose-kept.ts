import type { Kept } from '../documents/kept.ts';

/** Which of the kept versions is wanted. */
export type Wanted =
  | {
      readonly revision: string /** Ours that bore it without a change of content. */;
      readonly renumbered: readonly string[];
    }
  /** What the document was at this moment. */
  | { readonly at: Date }
  | { readonly key: string };

/**
 * The kept versions that are meant; more than one where a number was given twice.
 * @param kept the newest first
 * @param numbered the application numbers its contents; else our numbers are meant
 */
export function chooseKept(kept: readonly Kept[], wanted: Wanted, numbered: boolean): readonly Kept[] {
  if ('key' in wanted) return kept.filter(({ key }) => key === wanted.key);
  if ('at' in wanted) {
    const before = kept.find(({ kind, at }) => kind === 'document' && at <= wanted.at);
    return before ? [before] : [];
  }
  const { revision, renumbered } = wanted;
  return kept.filter((each) =>
    numbered
      ? each.revision === revision || (each.version !== null && renumbered.includes(each.version))
      : each.version === revision,
  );
}
