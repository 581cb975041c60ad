import type { Stage } from '../core/model.ts';
import { flagsOf } from '../core/stages.ts';
import type { Link } from '../documents/links.ts';
import type { Held } from '../documents/quarantine.ts';
import type { WritePath } from './document-store-types.ts';

/** What a document's path depends on. */
export interface Standing {
  readonly link: Pick<Link, 'authority' | 'deletedAt'> | null;
  readonly held: Held | null;
  /** Of its cohort; null: it is in none that was started. */
  readonly stage: Stage | null;
  /** What the flag `default` says for its owner; null: no flag client was given, the stage decides. */
  readonly flag: boolean | null;
}

/**
 * Which editor to open. The flag routes, but never where only one path can hold the document: without a seed or in
 * quarantine it is legacy's. Without a flag client it is the one that the stage confirms: a cohort's default is on once its
 * cutover is done.
 */
export function pathOf({ link, held, stage, flag }: Standing): WritePath {
  if (link === null || link.deletedAt !== null || held !== null || stage === null) return 'legacy';
  const on = flag ?? flagsOf(stage).default === 'on';
  return on ? 'local-first' : 'legacy';
}
