import { integrateUpdate, type StateShape, UndecodableError } from '../formats/index.ts';

/** Null: the updates that are thought to be in it build on others than these, too. */
export function stateOrNull(state: () => Uint8Array): Uint8Array | null {
  try {
    return state();
  } catch (error) {
    if (error instanceof UndecodableError && error.code === 'state-incomplete') return null;
    throw error;
  }
}

export const fits = (state: Uint8Array, update: Uint8Array, shape: StateShape): boolean =>
  integrateUpdate(state, update, shape).kind !== 'pending';
