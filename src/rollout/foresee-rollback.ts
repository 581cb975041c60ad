import { decide } from '../core/decide.ts';
import { formatCount } from '../core/format-count.ts';
import type { Decision } from '../core/observation.ts';
import { findUnmirrored, type UnmirroredDocument } from '../documents/unmirrored.ts';
import { readUnsynced, type UnsyncedDevice } from '../documents/unsynced.ts';
import { pagesOn } from './authority.ts';
import { countOf } from './describe-action.ts';
import { observe } from './observe.ts';
import type { Session } from './session.ts';

/** Listed a cohort; all of them are counted. */
const LISTED = 1000;

export interface ForeseenRollback {
  readonly steps: readonly string[];
  readonly refused: Decision | null;
  readonly bothVersionsKept: number;
  readonly unmirrored: readonly UnmirroredDocument[];
  readonly unsynced: readonly UnsyncedDevice[];
  readonly unsyncedTotal: number;
}

/** What a rollback of these cohorts would meet, in their order. Reads only: each state on local-first is opened. */
export async function foreseeRollback(session: Session, names: readonly string[]): Promise<ForeseenRollback> {
  const steps: string[] = [];
  const unmirrored: UnmirroredDocument[] = [];
  const unsynced: UnsyncedDevice[] = [];
  let [bothVersionsKept, unsyncedTotal] = [0, 0];
  let refused: Decision | null = null;
  for (const name of names) {
    const { observation } = await observe(session, name);
    // The cohorts that would go first are gone by the time it is this one's turn.
    const standing = { ...observation.standing, takenBackFirst: [] };
    const decision = decide({ ...observation, standing }, 'rollback');
    if ('refuse' in decision) refused ??= decision;
    if (!('action' in decision)) continue;
    bothVersionsKept += observation.drift;
    steps.push(`${name}: ${countOf(observation.authority.localFirst)} back to legacy, then its flags off`);
    unmirrored.push(...(await unmirroredOf(session, name)));
    const { devices, total } = await readUnsynced(session.pool, name, LISTED);
    unsynced.push(...devices);
    unsyncedTotal += total;
  }
  return { steps, refused, bothVersionsKept, unmirrored, unsynced, unsyncedTotal };
}

async function unmirroredOf(
  { pool, stores, signal }: Session,
  cohort: string,
): Promise<readonly UnmirroredDocument[]> {
  const found: UnmirroredDocument[] = [];
  for await (const ids of pagesOn(pool, cohort, 'local-first', signal))
    found.push(...(await findUnmirrored(pool, stores, ids)));
  return found;
}

/** The same in a sentence for people. */
export function describeRollback(
  { bothVersionsKept, unmirrored, unsyncedTotal }: Omit<ForeseenRollback, 'steps' | 'refused'>,
  takenAlong: readonly string[],
): string {
  const constructs = unmirrored.reduce((sum, each) => sum + each.constructs, 0);
  return [
    unmirrored.length === 0
      ? 'This would lose nothing: every document goes back with what its local-first side holds'
      : 'Every document goes back with what its legacy row can hold of its local-first side',
    ...(unmirrored.length > 0
      ? [
          `${countOf(unmirrored.length)} ${unmirrored.length === 1 ? 'holds' : 'hold'} ${formatCount(constructs)} construct${constructs === 1 ? '' : 's'} that the legacy format has no place for: they stay in the local-first table, and legacy editors do not show them`,
        ]
      : []),
    ...(bothVersionsKept > 0 ? [`${formatCount(bothVersionsKept)} that differ keep both versions`] : []),
    ...(unsyncedTotal > 0
      ? [
          `${formatCount(unsyncedTotal)} device${unsyncedTotal === 1 ? ' holds' : 's hold'} unsynced edits, which are taken in when they are pushed`,
        ]
      : []),
    ...(takenAlong.length > 0 ? [`${takenAlong.join(', ')} would go back first`] : []),
  ].join('; ');
}
