import { insertConflict, readOpenConflict } from '../documents/conflicts.ts';
import type { Link } from '../documents/links.ts';
import type { PushIdentity } from '../documents/pushes.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { PushInput } from './document-store-types.ts';
import { hashOf } from './seed.ts';

export const identityOf = ({ epoch, session, seq, update }: PushInput): PushIdentity => ({
  epoch: epoch ?? '',
  session: session ?? '',
  seq: String(seq),
  sha256: hashOf(update),
});

/**
 * What was refused is named, for a person to look at: what a device goes on to write on it once, however many pushes that becomes.
 * @returns the conflict
 */
export async function nameRefused(tx: Queryable, link: Link, device: string, why: string): Promise<string> {
  const open = why === BUILDS_ON_REFUSED ? await readOpenConflict(tx, link.id, device, why) : null;
  return open ?? insertRefused(tx, link, device, why);
}

/** What was written on an update that was refused: it waits, and comes in if that one does. */
export const BUILDS_ON_REFUSED = 'builds-on-refused';

const insertRefused = (tx: Queryable, link: Link, device: string, why: string) =>
  insertConflict(tx, {
    document: link.id,
    cohort: link.cohort,
    class: 'quarantine',
    reasons: [why],
    origin: 'push',
    device,
    baseKnown: 'missing',
    base: null,
    ours: null,
    theirs: null,
    result: null,
    version: link.version,
  });
