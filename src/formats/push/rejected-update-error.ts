import { DualpathError } from '../../errors.ts';

/**
 * Why an update was rejected. `truncated`, `corrupt` and `not-an-update` speak of its bytes; `ids-not-safe`,
 * `clock-jump` and `gc-struct` of ids that no editor reaches; `too-…` of its size; `wrong-root` and `wrong-content` of
 * content that the document's format has no place for.
 */
export type RejectionReason =
  | 'not-an-update'
  | 'truncated'
  | 'corrupt'
  | 'ids-not-safe'
  | 'clock-jump'
  | 'gc-struct'
  | 'too-large'
  | 'too-many-structs'
  | 'too-many-clients'
  | 'too-deep'
  | 'wrong-root'
  | 'wrong-content';

/** An update of a device that cannot be taken in, whatever the document holds. Its facts name no content. */
export class RejectedUpdateError extends DualpathError {
  readonly reason: RejectionReason;

  constructor(reason: RejectionReason, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super('update-rejected', message, remedyOf(reason), {
      details: { reason, ...facts },
    });
    this.reason = reason;
  }
}

function remedyOf(reason: RejectionReason): string {
  switch (reason) {
    case 'not-an-update':
    case 'truncated':
    case 'corrupt':
      return 'Send the update again as the editor made it; if it is rejected again, keep it on the device and report this.';
    case 'too-large':
      return 'It was not kept: keep it on the device, and send it in smaller updates.';
    default:
      return 'It will never be taken in: open the document anew in a new Y.Doc. What was sent is kept.';
  }
}
