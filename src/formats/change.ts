import { hash } from 'node:crypto';
import type * as Y from 'yjs';
import { DualpathError } from '../errors.ts';
import { clientIdOf, type SeedIdentity, type StateShape } from './client-id.ts';
import type { Content } from './content.ts';
import { readDoc } from './decode.ts';
import type { JsonObject } from './json.ts';
import { entriesOfQuill } from './layout.ts';
import { leaveDoc, takeDoc } from './open-docs.ts';
import { opsOf } from './quill.ts';
import { NO_FORMATS, runOfOp } from './runs.ts';
import { changeBeside, changeProsemirror } from './tree-change.ts';
import { EMPTY_UPDATE, encodeState, mergeUpdates } from './yjs-state.ts';
import { changeRuns } from './yjs-text.ts';

export interface ChangeIdentity extends SeedIdentity {
  readonly purpose: 'capture' | 'repair' | 'save';
}

/** A change of a state: the update that makes it, and the state after it, deleted content kept. */
export interface StateChange {
  readonly update: Uint8Array;
  readonly state: Uint8Array;
}

/** A change whose result nobody has read again yet. */
export interface UnreadChange extends StateChange {
  /**
   * Reads it, by the decoder.
   * @throws DualpathError `change-missed` if it is not the target, which is a bug
   */
  read(): void;
}

/**
 * The update that turns the content of `state` into `target` and touches only what differs: a forward change, which
 * merges with what other replicas did meanwhile. The same arguments give the same bytes. Where nothing differs it is
 * empty. The changed document was read again, by the decoder, and is the target.
 * @throws UndecodableError if the state cannot be read
 * @throws DualpathError `change-missed` if the update does not lead to the target, which is a bug
 */
export function changeState(
  state: Uint8Array,
  target: Content,
  shape: StateShape,
  identity: ChangeIdentity,
): StateChange {
  const change = changeUnread(state, target, shape, identity);
  change.read();
  return change;
}

/** As `changeState`, for whoever reads the result before it counts. */
export function changeUnread(
  state: Uint8Array,
  target: Content,
  shape: StateShape,
  identity: ChangeIdentity,
): UnreadChange {
  const preState = hash('sha256', state, 'buffer');
  const doc = takeDoc(state);
  doc.clientID = clientIdOf({ ...identity, shape, fingerprint: target.fingerprint, preState });
  const updates: Uint8Array[] = [];
  const collect = (update: Uint8Array) => updates.push(update);
  doc.on('update', collect);
  doc.transact(() => changeDoc(doc, target, shape.fragment));
  doc.off('update', collect);
  const after = updates.length === 0 ? state : encodeState(doc);
  return {
    update: updates.length === 0 ? EMPTY_UPDATE : mergeUpdates(updates),
    state: after,
    read() {
      if (readDoc(doc, shape).canonical !== target.canonical) throw missed();
      leaveDoc(after, doc);
    },
  };
}

/** As `changeState`, for whoever needs the update alone. */
export const encodeChange = (
  state: Uint8Array,
  target: Content,
  shape: StateShape,
  identity: ChangeIdentity,
): Uint8Array => changeState(state, target, shape, identity).update;

function changeDoc(doc: Y.Doc, { format, value }: Content, fragment: string): void {
  switch (format) {
    case 'prosemirror':
      changeProsemirror(doc, value as JsonObject, fragment);
      break;
    case 'quill': {
      const document = value as JsonObject | readonly JsonObject[];
      changeRuns(doc.getText(fragment), opsOf(document).map(runOfOp));
      changeBeside(doc, fragment, entriesOfQuill(document));
      break;
    }
    case 'markdown':
    case 'text':
      changeRuns(
        doc.getText(fragment),
        value === '' ? [] : [{ insert: value as string, formats: NO_FORMATS }],
      );
  }
}

function missed(): DualpathError {
  return new DualpathError(
    'change-missed',
    'The change computed for a document does not lead to its content.',
    'Report this as a bug; the document is unharmed.',
  );
}
