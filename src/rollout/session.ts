import type { LoadedConfig } from '../config/load.ts';
import type { TakenStep } from '../core/taken-step.ts';
import type { Stores } from '../documents/stores.ts';
import type { Operator } from '../evidence/journal.ts';
import type { FlagPort } from '../flags/port.ts';
import type { Pool } from '../postgres/pool.ts';

/** Told of what has just been done: a line for a person, and what it says. */
export type Note = (line: string, step: TakenStep) => void;

/** Everything a controller works with, opened once for one command. */
export interface Session {
  readonly loaded: LoadedConfig;
  readonly pool: Pool;
  readonly stores: Stores;
  readonly flags: FlagPort;
  readonly operator: Operator;
  /** Fires on Ctrl-C, SIGTERM, or when the caller gives up: the statement in hand is finished, then the work stops. */
  readonly signal: AbortSignal;
  readonly note: Note;
  /** The line that is replaced while something long goes on; null takes it away. */
  readonly progress: (line: string | null) => void;
}
