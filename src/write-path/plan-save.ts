import type { Link } from '../documents/links.ts';
import { type Content, type Merge, merge3 } from '../formats/index.ts';
import type { Base } from './base.ts';

/** What is to become of a whole content that was written from a base, before anything is written. */
export type SavePlan =
  /** It changes nothing: the writer goes on showing this version. */
  | { readonly kind: 'unchanged'; readonly version: string }
  | { readonly kind: 'saved' }
  /** `result` is the document afterwards; it equals what was sent where that holds the head's changes already. */
  | { readonly kind: 'merged'; readonly base: Content; readonly ours: Content; readonly merge: Merge }
  /** Nobody knows what it was made from: it replaces the head, which is kept. */
  | { readonly kind: 'overwrote'; readonly ours: Content };

/**
 * Decides by the base. The head of a `legacy` document is replaced by what cannot be placed, as it always was; that of a
 * `local-first` document is merged with it, as well as the likeliest base allows.
 * @param head the content of the head, read only where it is needed
 */
export function planSave(
  { version, fingerprint, authority }: Pick<Link, 'version' | 'fingerprint' | 'authority'>,
  sent: Content,
  base: Base,
  head: () => Content,
): SavePlan {
  if (fingerprint.equals(sent.fingerprint)) return { kind: 'unchanged', version };
  const current = base.content === null;
  if (base.known === 'missing') {
    if (current || authority === 'legacy') return { kind: 'overwrote', ours: head() };
  } else if (current) return { kind: 'saved' };
  else if (base.content.fingerprint.equals(sent.fingerprint))
    return { kind: 'unchanged', version: base.version };
  const ours = head();
  const from = base.content ?? ours;
  return { kind: 'merged', base: from, ours, merge: merge3(from, ours, sent) };
}

export type MergeVerdict = 'clean' | 'notice' | 'needs-review';

/** How much a person should look at it: a base that nobody named is worth a look, whatever the merge met. */
export function reviewOf(
  plan: SavePlan,
  base: Base,
): { readonly class: MergeVerdict; readonly reasons: readonly string[] } {
  if (plan.kind === 'overwrote') return { class: 'needs-review', reasons: ['overwrote'] };
  if (plan.kind !== 'merged') return { class: 'clean', reasons: [] };
  const guessed = base.known === 'inferred' || base.known === 'missing' ? [`base-${base.known}`] : [];
  return {
    class: guessed.length > 0 ? 'needs-review' : plan.merge.class,
    reasons: [...plan.merge.reasons, ...guessed],
  };
}
