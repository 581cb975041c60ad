import type { Doubt } from '../core/conditions.ts';
import { RESTORE, THE_FLAG } from '../flags/drift.ts';
import type { FlagSight } from '../rollout/flag-writes.ts';

/**
 * What stands in the way at the flag provider, for people: who changed what and when, or why it could not be seen. A write
 * without an outcome is nothing to worry about while somebody is at it.
 */
export function flagDoubts({ drift, unseen, record }: FlagSight, underWay: boolean): readonly Doubt[] {
  if (unseen) return [{ because: unseen.message, since: null, clears: unseen.remedy }];
  const unknown =
    record?.intended && !underWay ? ['a flag write whose outcome is not known: run the command again'] : [];
  return [
    ...unknown.map((because) => ({ because, since: null })),
    ...drift.map(({ flag, kind, what, by, at }) => ({
      because: `${flag}: ${what} ${kind}${by ? ` by ${by}` : ''}${at ? ` at ${at}` : ''}, not by dualpath${what === THE_FLAG ? `; ${RESTORE} brings it back` : ''}`,
      since: at ?? null,
    })),
  ];
}
