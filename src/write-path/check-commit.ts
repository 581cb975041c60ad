import { createHash } from 'node:crypto';
import { DualpathError } from '../errors.ts';
import type { PushInput } from './document-store-types.ts';

/**
 * The bytes are the ones that the device committed to: SHA-256(SHA-256(nonce ‖ update) ‖ previous commit). Yjs itself
 * has no check of its own, and takes a third of all damaged updates for good ones.
 * @throws DualpathError `update-rejected`, reason `commit-mismatch`
 */
export function checkCommit({ update, commit, prevCommit, nonce }: PushInput): void {
  if (commit === undefined || nonce === undefined) return;
  const own = createHash('sha256').update(nonce).update(update).digest();
  const chained = createHash('sha256')
    .update(own)
    .update(prevCommit ?? new Uint8Array())
    .digest();
  if (chained.equals(commit)) return;
  throw new DualpathError(
    'update-rejected',
    'The update is not the one that its device committed to: it was damaged on the way.',
    'Send the update again as the device stored it.',
    { details: { reason: 'commit-mismatch' }, retryable: true, exitCode: 2 },
  );
}
