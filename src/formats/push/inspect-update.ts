import type { StateShape } from '../client-id.ts';
import { besideRoot } from '../layout.ts';
import { corrupt } from './byte-reader.ts';
import { MAX_BARE_CLOCKS, MAX_CLOCK, MAX_TYPE_DEPTH } from './limits.ts';
import { deepestNesting } from './nesting.ts';
import { covers, type Ranges, rangesOf } from './ranges.ts';
import { CONTENT } from './read-content.ts';
import { type ReadUpdate, readUpdate, type Struct, type UnitId } from './read-update.ts';
import { RejectedUpdateError, type RejectionReason } from './rejected-update-error.ts';

/** What an update says it holds, by its bytes alone. */
export interface Inspected {
  readonly bytes: number;
  /** The clocks each client writes under: from the first, up to but without the last. */
  readonly clients: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
  readonly structs: readonly Struct[];
  /** What it deletes. */
  readonly deletions: Ranges;
  /** The roots that its items name. Most updates name none: their items have neighbours. */
  readonly rootTypes: ReadonlySet<string>;
}

/**
 * Reads an update to its last byte and holds it against the limits, before Yjs sees it and whatever the document holds.
 * @param shape with it, a root that the document does not have is rejected here already
 * @throws RejectedUpdateError
 */
export function inspectUpdate(update: Uint8Array, shape?: StateShape): Inspected {
  const read = readUpdate(update);
  refuseImpossibleIds(read);
  const deletions = rangesOf(read.deletions);
  refuseBareClocks(read.structs, deletions);
  refuseDeepNesting(read.structs);
  const rootTypes = new Set<string>();
  for (const struct of read.structs) {
    if (struct.kind === 'item' && typeof struct.parent === 'string') rootTypes.add(struct.parent);
  }
  if (shape !== undefined) refuseOtherRoots(rootTypes, shape);
  return {
    bytes: update.length,
    clients: clientsIn(read.structs),
    structs: read.structs,
    deletions,
    rootTypes,
  };
}

/**
 * The same of an update that was inspected before, and may have been changed by us since: without its deletions, garbage that it
 * carries looks like a claim.
 */
export function changesOf(update: Uint8Array): Pick<Inspected, 'clients' | 'deletions'> {
  const { structs, deletions } = readUpdate(update);
  return { clients: clientsIn(structs), deletions: rangesOf(deletions) };
}

function clientsIn(structs: readonly Struct[]): Inspected['clients'] {
  const clients = new Map<number, { from: number; to: number }>();
  for (const { kind, client, clock, length } of structs) {
    if (kind === 'skip') continue;
    clients.set(client, { from: clients.get(client)?.from ?? clock, to: clock + length });
  }
  return clients;
}

/** An item stands beside and inside what was there before it, so never what its own client wrote later. */
function refuseImpossibleIds({ structs, deletions }: ReadUpdate): void {
  for (const struct of structs) {
    refuseFarClock(struct.clock + struct.length);
    if (struct.kind !== 'item') continue;
    for (const id of [struct.origin, struct.rightOrigin, struct.parent]) {
      if (isId(id) && id.client === struct.client && id.clock >= struct.clock) {
        throw corrupt('an item that builds on a later one of its own client');
      }
    }
  }
  for (const { clock, length } of deletions) refuseFarClock(clock + length);
}

function refuseFarClock(end: number): void {
  if (end <= MAX_CLOCK) return;
  throw new RejectedUpdateError('clock-jump', 'The update holds a clock that no session reaches.');
}

/**
 * An editor that collects garbage says of each unit that it deleted it: garbage that was never deleted is a damaged item
 * or a claim.
 */
function refuseBareClocks(structs: readonly Struct[], deletions: Ranges): void {
  let collected = 0;
  let skipped = 0;
  for (const struct of structs) {
    if (struct.kind === 'skip') skipped += struct.length;
    else if (struct.kind !== 'item' || struct.content === CONTENT.deleted) {
      if (!covers(deletions, struct.client, struct.clock, struct.length)) {
        throw bare('gc-struct', 'claims deleted text that it does not delete');
      }
      collected += struct.length;
    }
  }
  if (collected > MAX_BARE_CLOCKS) throw bare('gc-struct', 'claims more deleted text than a document holds');
  if (skipped > MAX_BARE_CLOCKS) throw bare('clock-jump', 'leaves out more than a document holds');
}

function bare(reason: RejectionReason, what: string): RejectedUpdateError {
  return new RejectedUpdateError(reason, `The update ${what}, without carrying it.`);
}

function refuseDeepNesting(structs: readonly Struct[]): void {
  const types = structs.filter((struct) => struct.kind === 'item' && struct.content === CONTENT.type);
  if (types.length <= MAX_TYPE_DEPTH || deepestNesting(structs) <= MAX_TYPE_DEPTH) return;
  throw new RejectedUpdateError('too-deep', `The update nests nodes deeper than ${MAX_TYPE_DEPTH} levels.`);
}

/** @throws RejectedUpdateError `wrong-root` */
function refuseOtherRoots(rootTypes: ReadonlySet<string>, { fragment }: StateShape): void {
  for (const root of rootTypes) {
    if (root === fragment || root === besideRoot(fragment)) continue;
    throw new RejectedUpdateError(
      'wrong-root',
      'The update writes to a root type of the Y.Doc other than the one in the config.',
    );
  }
}

function isId(id: UnitId | string | null): id is UnitId {
  return id !== null && typeof id !== 'string';
}
