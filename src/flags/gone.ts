import type { FlagObservation } from './port.ts';

/**
 * A flag that is gone: not there at all, or created and never switched on since, which is how an interrupted `recreate`
 * leaves it. One that was switched off is not gone, and neither is one whose history cannot be read.
 */
export function isGone({ exists, enabled, changes }: FlagObservation): boolean {
  if (!exists) return true;
  return !enabled && changes.find(({ kind }) => TELLING.has(kind))?.kind === 'created';
}

const TELLING: ReadonlySet<string> = new Set(['created', 'switched-on', 'switched-off']);
