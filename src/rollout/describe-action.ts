import type { Action } from '../core/observation.ts';

/** A step in words for people. */
export function describeAction(action: Action): string {
  switch (action.do) {
    case 'enter':
      return `${action.from} → ${action.to}`;
    case 'set-flag':
      return `flag ${action.role} ${action.on ? 'on' : 'off'}`;
    case 'confirm-flag':
      return `look at what became of the last write of flag ${action.role}`;
    case 'backfill':
      return 'copy history';
    case 'catch-up':
      return 'take in what was written meanwhile';
    case 'verify':
      return 'compare every document';
    case 'move-authority':
      return `authority to ${action.to}, each document on its own proof`;
    case 'roll-back-first':
      return `roll back ${action.cohorts.join(', ')} first`;
  }
}
