import { formatDuration } from '../core/duration.ts';
import type { Stores } from '../documents/stores.ts';

/** What a person should know before a cohort starts whose application writes both stores by itself. */
export function ownWarnings({ config, localFirst }: Stores): readonly string[] {
  if (config.writePath === 'library') return [];
  const { unfillable, quoted } = localFirst;
  return [
    'write_path is own: durability, merging, the mirror and repair rest with the application; dualpath compares a document ' +
      `when both of its rows have been unchanged for ${formatDuration(config.settleMs)}, and writes neither store for one that the application has written`,
    'after the start of its cohort the application must not seed a document: one without a local-first row is seeded by dualpath, and a second seed ' +
      'doubles every block',
    'the application has to write both stores in every stage before `completed`, `rolled-back` included: what it does not write, nobody does',
    ...(unfillable === null
      ? []
      : [
          `column ${unfillable.name} of ${quoted} must not be null and has no default, so dualpath cannot insert a state: documents ` +
            'without a local-first row go into quarantine until the application has written theirs. Give it a default to have them seeded',
        ]),
  ];
}
