import { RESTORE, THE_FLAG } from '../flags/drift.ts';
import type { FlagSight } from '../rollout/flag-writes.ts';

/**
 * What stands in the way at the flag provider, for people: who changed what, or why it could not be seen. A write without an
 * outcome is nothing to worry about while somebody is at it.
 */
export function flagSentences({ drift, unseen, record }: FlagSight, underWay: boolean): readonly string[] {
  if (unseen) return [unseen.message];
  const unknown =
    record?.intended && !underWay ? ['a flag write whose outcome is not known: run the command again'] : [];
  return [
    ...unknown,
    ...drift.map(
      ({ flag, kind, what, by, at }) =>
        `${flag}: ${what} ${kind}${by ? ` by ${by}` : ''}${at ? ` at ${at}` : ''}, not by dualpath${what === THE_FLAG ? `; ${RESTORE} brings it back` : ''}`,
    ),
  ];
}
