import { DualpathError } from '../errors.ts';
import type { LiveConnection, LiveDocument } from './server-types.ts';

/**
 * Thrown out of a hook, Hocuspocus closes the connection with it and acknowledges nothing. `reason` reaches the client:
 * the code, a colon, a sentence for a person.
 */
export class Refusal extends Error {
  readonly code = 4403;
  readonly reason: string;
  /** Of the document store. */
  readonly why: string;

  constructor(why: string, sentence: string, cause?: unknown) {
    super(`${why}: ${sentence}`, { cause });
    this.name = 'Refusal';
    this.why = why;
    this.reason = this.message;
  }
}

/** What nobody may go on with who has the document open. */
const OF_THE_DOCUMENT = ['not-found', 'deleted', 'not-enrolled', 'quarantined', 'lineage-ended'];

const TRY_AGAIN_LATER = 1013;

/**
 * Turns a failure of the document store into what Hocuspocus tells the client.
 * What can succeed later ends the socket: then the provider connects again by itself and sends again what nobody
 * acknowledged. What concerns the document ends everybody's connection to it. Else only this client's is ended.
 */
export function refuse(error: unknown, document: LiveDocument, connection: LiveConnection): unknown {
  if (error instanceof Refusal) return error;
  if (!(error instanceof DualpathError)) return error;
  const refusal = refusalOf(error);
  if (error.retryable) connection.webSocket.close(TRY_AGAIN_LATER, error.code);
  if (OF_THE_DOCUMENT.includes(error.code)) {
    for (const { connection: other } of [...document.connections.values()]) {
      if (other !== connection) other.close({ code: refusal.code, reason: refusal.reason });
    }
  }
  return refusal;
}

export const refusalOf = (error: DualpathError): Refusal => new Refusal(error.code, error.message, error);
