import { forgetServed, noteServed } from '../documents/devices.ts';
import { keyedFingerprint, writeReceipt } from '../documents/receipts.ts';
import { readSides, type Sides } from '../documents/sides.ts';
import { DualpathError } from '../errors.ts';
import { decodeState } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { CallOptions, StoreContext } from './context.ts';
import type { DocumentContent, LoadInput, LoadResult } from './document-store-types.ts';
import { holdDocument, isSeeded } from './hold.ts';
import { requireThere } from './missing-document.ts';
import { askDefault } from './owner-flags.ts';
import { pathOf } from './path-for.ts';
import { editorValue, numberOf } from './results.ts';
import { readSent } from './sent-content.ts';
import { alone, transact } from './transact.ts';

/**
 * The document as a legacy client shows it: its row, or the local-first content once its cohort is completed. What was
 * served to a device is noted, and is the base of that device's next save where it names none. What another program wrote to the
 * row is taken in first.
 *
 * @throws DualpathError `not-found`, `deleted`, `unavailable`; `locked` in the caller's transaction
 */
export async function load(
  context: StoreContext,
  { id, deviceId }: LoadInput,
  options: CallOptions = {},
): Promise<LoadResult> {
  const db = options.tx ?? context.pool;
  return alone(async () => {
    const read = async () => {
      const found = await readSides(db, context.stores, id, { lock: false, content: 'always' });
      const sides = requireThere(found, id);
      return { sides, served: serve(context, sides) };
    };
    const first = await read();
    const { sides, served } = (await takeRowIn(context, first, id, options)) ? await read() : first;
    await note(context, db, sides, served, deviceId);
    const flag = await askDefault(db, context.stores, context.flags, sides.row.owner);
    return {
      content: served.content,
      revision: numberOf(served.revision),
      authority: sides.link?.authority ?? 'legacy',
      path: pathOf({ ...sides, flag }),
    };
  });
}

/**
 * Takes in what another program wrote to the row: a content that is served has a number, or the next save of who was served would be
 * held against an older one. Where somebody keeps the document locked it is served without.
 * @returns was it, so that the row is to be read again?
 */
async function takeRowIn(
  context: StoreContext,
  { sides, served }: { readonly sides: Sides; readonly served: Served },
  id: string,
  options: CallOptions,
): Promise<boolean> {
  if (!context.writes || served.version !== null || !isSeeded(sides)) return false;
  try {
    await transact(context, options, true, (tx) => holdDocument(tx, context.stores, id, context.recent));
    return true;
  } catch (error) {
    if (error instanceof DualpathError && error.code === 'locked' && options.tx === undefined) return false;
    throw error;
  }
}

interface Served {
  readonly content: DocumentContent;
  readonly bytes: number;
  readonly fingerprint: Uint8Array;
  readonly revision: string | null;
  /** Our number of it; null where the row was written since it was last linked: then its number is not known yet. */
  readonly version: string | null;
}

function serve({ stores }: StoreContext, sides: Sides & { readonly row: NonNullable<Sides['row']> }): Served {
  const { row, link, state } = sides;
  if (link !== null && link.rowFingerprint !== null && state !== null) {
    const head = decodeState(state, stores.shape);
    const revision = stores.legacy.revision ? link.legacyRevision : link.version;
    const content = editorValue(head);
    return {
      content,
      bytes: head.canonical.length,
      fingerprint: head.fingerprint,
      revision,
      version: link.version,
    };
  }
  const raw = row.content ?? '';
  const sent = readSent(stores.shape.format, raw);
  const version = link?.fingerprint.equals(sent.fingerprint) ? link.version : null;
  return {
    content: row.content === null ? null : editorValue(raw, stores.shape.format),
    bytes: Buffer.byteLength(raw),
    fingerprint: sent.fingerprint,
    revision: stores.legacy.revision ? row.revision : version,
    version,
  };
}

async function note(
  { receiptKey }: StoreContext,
  db: Queryable,
  { key, link, row }: Sides,
  { version, revision, bytes, fingerprint }: Served,
  device: string | undefined,
): Promise<void> {
  if (device !== undefined && version !== null) await noteServed(db, key, device, version);
  // What it was served before is not the base of what it saves next.
  if (device !== undefined && version === null) await forgetServed(db, key, device);
  await writeReceipt(db, {
    document: key,
    kind: 'load',
    cohort: link?.cohort ?? row?.cohort ?? null,
    device: device ?? null,
    revision,
    version,
    bytes,
    fingerprint: keyedFingerprint(receiptKey, fingerprint),
  });
}
