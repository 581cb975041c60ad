import { DualpathError } from '../errors.ts';

export type UndecodableCode = 'state-corrupt' | 'state-incomplete' | 'state-unexpected';

/**
 * A Yjs state that cannot be read as a document. `state-corrupt`: Yjs refuses the bytes. `state-incomplete`: it builds
 * on updates that are not in it. `state-unexpected`: it holds what no document of its format can hold.
 */
export class UndecodableError extends DualpathError {
  constructor(code: UndecodableCode, message: string) {
    super(
      code,
      message,
      'Compare the document with its legacy row, then repair it or recover a kept version.',
    );
  }
}
