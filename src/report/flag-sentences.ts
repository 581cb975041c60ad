import type { FlagSight } from '../rollout/flag-writes.ts';

/** What stands in the way at the flag provider, for people: who changed what, or why it could not be seen. */
export function flagSentences({ drift, unseen, record }: FlagSight): readonly string[] {
  if (unseen) return [unseen.message];
  const unknown = record?.intended ? ['a flag write whose outcome is not known: run the command again'] : [];
  return [
    ...unknown,
    ...drift.map(
      ({ flag, kind, what, by, at }) =>
        `${flag}: ${what} ${kind}${by ? ` by ${by}` : ''}${at ? ` at ${at}` : ''}, not by dualpath`,
    ),
  ];
}
