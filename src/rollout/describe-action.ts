import { formatCount } from '../core/format-count.ts';
import type { Authority } from '../core/model.ts';
import type { Action } from '../core/observation.ts';

/** A step to be taken, in words for people. */
export function describeAction(action: Action): string {
  switch (action.do) {
    case 'enter':
      return `${action.from} → ${action.to}`;
    case 'set-flag':
      return `turn flag ${action.role} ${action.on ? 'on' : 'off'}`;
    case 'confirm-flag':
      return `see what became of the last write of flag ${action.role}`;
    case 'backfill':
      return 'copy history';
    case 'catch-up':
      return 'take in what was written meanwhile';
    case 'verify':
      return 'compare every document';
    case 'move-authority':
      return action.to === 'legacy'
        ? 'take authority back to legacy'
        : 'move authority to local-first, each document on its own proof';
    case 'roll-back-first':
      return `roll back ${action.cohorts.join(', ')} first`;
  }
}

/** The same step once it was taken. */
export function describeDone(action: Action): string {
  switch (action.do) {
    case 'enter':
      return `${action.from} → ${action.to}`;
    case 'set-flag':
      return `flag ${action.role} is ${action.on ? 'on' : 'off'}`;
    case 'confirm-flag':
      return `the last write of flag ${action.role} is accounted for`;
    case 'backfill':
      return 'history copied';
    case 'catch-up':
      return 'later writes taken in';
    case 'verify':
      return 'every document compared';
    case 'move-authority':
      return action.to === 'legacy' ? 'authority back on legacy' : 'authority on local-first';
    case 'roll-back-first':
      return `${action.cohorts.join(', ')} rolled back first`;
  }
}

/** `1 document`, `1,200 documents`. */
export const countOf = (documents: number): string =>
  `${formatCount(documents)} document${documents === 1 ? '' : 's'}`;

/** How far a cutover or a rollback is, with what was there before it was taken up again: `120 of 400 documents on legacy`. */
export const describeMoving = (there: number, total: number, to: Authority): string =>
  `${formatCount(there)} of ${countOf(Math.max(there, total))} on ${to}`;

export function describeBackfill(seeded: number, quarantined: number): string {
  const held = quarantined > 0 ? `, ${countOf(quarantined)} in quarantine` : '';
  return seeded === 0 ? `nothing left to copy${held}` : `${countOf(seeded)} copied${held}`;
}

export function describeComparison(compared: number, drift: number): string {
  const outcome = drift === 0 ? 'no drift' : `${formatCount(drift)} drift`;
  return `${countOf(compared)} compared, ${outcome}`;
}
