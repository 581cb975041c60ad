import { setTimeout as sleep } from 'node:timers/promises';
import { DualpathError } from '../errors.ts';

const TRIES = 5;
const PAUSE_MS = 200;

/** As an editor does it: what may be sent again is, the very same, until it is answered. */
export async function untilAnswered<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (tries === TRIES || !(error instanceof DualpathError && error.retryable)) throw error;
      await sleep(PAUSE_MS * tries);
    }
  }
}
