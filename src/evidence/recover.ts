import { shellWord } from '../core/shell-word.ts';
import {
  type ConflictRecord,
  type ConflictSide,
  readConflict,
  readRefusedUpdate,
  readVersions,
  sideThatCame,
  sideThatStood,
  versionsOfSides,
} from '../documents/conflict-records.ts';
import { documentKey } from '../documents/document-key.ts';
import {
  type Kept,
  type KeptUpdate,
  readKept,
  readKeptContent,
  readLog,
  readRejected,
  versionsRenumbered,
} from '../documents/kept.ts';
import type { Stores } from '../documents/stores.ts';
import { UsageError } from '../errors.ts';
import { decodeState, mergeUpdates, type StateShape, writeLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { chooseKept, type Wanted } from './choose-kept.ts';
import { contentWith, headsUpto, type ReadWith, readable, stateAt } from './kept-state.ts';

/** A kept version with its content. */
export interface Recovered {
  readonly document: string;
  /** Under which the list names it; of a side of a conflict, the conflict and the side. */
  readonly key: string;
  readonly at: Date;
  readonly revision: string | null;
  readonly version: string | null;
  readonly origin: string;
  readonly device: string | null;
  /** `content`: as the legacy column would hold it; `update`: a Yjs update that fits nowhere, in base64. */
  readonly form: 'content' | 'update';
  readonly text: string;
  /** Embeds that the update puts where the format has no place for any: the content is without them. */
  readonly leftOut: number;
}

export type RecoverRequest = { readonly revision: string } | { readonly at: Date } | { readonly key: string };

/**
 * One kept version of a document, living or deleted.
 * @throws UsageError `not-kept`; `ambiguous-revision` where a number was given to more than one content
 */
export async function recoverVersion(
  db: Queryable,
  stores: Stores,
  document: string,
  request: RecoverRequest,
): Promise<Recovered> {
  const id = documentKey(document);
  const kept = await readKept(db, id);
  const found = chooseKept(kept, await wantedOf(db, id, request), stores.legacy.revision !== null);
  if (found.length === 0) throw notKept(document, kept);
  const log = found.some(({ key }) => !key.startsWith('v')) ? await readLog(db, id) : [];
  const contents: Recovered[] = [];
  for (const each of found) contents.push(await read(db, stores, id, log, each));
  const [first, ...others] = contents;
  if (first === undefined) throw notKept(document, kept);
  if (others.some(({ text }) => text !== first.text)) throw ambiguous(document, request, contents);
  return first;
}

async function wantedOf(db: Queryable, id: string, request: RecoverRequest): Promise<Wanted> {
  if (!('revision' in request)) return request;
  return { ...request, renumbered: await versionsRenumbered(db, id, request.revision) };
}

async function read(
  db: Queryable,
  stores: Stores,
  id: string,
  log: readonly KeptUpdate[],
  kept: Kept,
): Promise<Recovered> {
  const number = kept.key.slice(1);
  const facts = { document: id, ...kept };
  if (kept.key.startsWith('v')) {
    const text = await readKeptContent(db, id, number);
    if (text !== null) return { ...facts, ...whole(text) };
  }
  if (kept.key.startsWith('r')) return { ...facts, ...(await readSent(db, stores, id, log, kept)) };
  const update = log.find(({ seq }) => seq === number);
  if (update === undefined) throw notKept(id, []);
  return { ...facts, ...readUpdate(stores, log, update) };
}

type Form = Pick<Recovered, 'form' | 'text' | 'leftOut'>;

function readUpdate({ shape }: Stores, log: readonly KeptUpdate[], update: KeptUpdate): Form {
  if (update.apart !== null) return formOf(readApart(log, update, shape), update.payload);
  const content = readable(() => decodeState(stateAt(log, BigInt(update.joined)), shape));
  return formOf(content === null ? null : { content, embeds: 0 }, update.payload);
}

/** On the document as it was then; else with what its device wrote before it and is no part of the document, either. */
function readApart(
  log: readonly KeptUpdate[],
  { seq, device, payload }: KeptUpdate,
  shape: StateShape,
): ReadWith | null {
  const isBefore = (each: KeptUpdate) => BigInt(each.seq) < BigInt(seq);
  const heads = headsUpto(log, ({ joined }) => BigInt(joined) < BigInt(seq));
  const alike = log.filter((each) => isBefore(each) && each.apart !== null && each.device === device);
  return (
    contentWith(log, heads, payload, shape) ??
    contentWith(log, heads, mergeUpdates([...alike.map((each) => each.payload), payload]), shape)
  );
}

/** What was sent and taken in by no log. A push of an ended life is read in that life. */
async function readSent(
  db: Queryable,
  { shape }: Stores,
  id: string,
  log: readonly KeptUpdate[],
  { key, at }: Kept,
): Promise<Form> {
  const sent = await readRejected(db, id, key.slice(1));
  if (sent === null) throw notKept(id, []);
  if (sent.kind === 'save') return whole(sent.payload.toString('utf8'));
  const ended = sent.reason === 'lineage-ended' ? log.findLast(({ origin }) => origin === 'seed') : undefined;
  const before = headsUpto(log, (update) =>
    ended === undefined ? update.at <= at : BigInt(update.joined) < BigInt(ended.seq),
  );
  return formOf(contentWith(log, before, sent.payload, shape), sent.payload);
}

const formOf = (read: ReadWith | null, payload: Uint8Array): Form =>
  read === null
    ? { form: 'update', text: Buffer.from(payload).toString('base64'), leftOut: 0 }
    : { form: 'content', text: writeLegacy(read.content), leftOut: read.embeds };

const whole = (text: string): Form => ({ form: 'content', text, leftOut: 0 });

/**
 * A side of a conflict: the named one, else the one that did not win; of a refused update the document as it would have been.
 * @throws UsageError `no-such-conflict`, `not-kept`
 */
export async function recoverSide(
  db: Queryable,
  stores: Stores,
  document: string,
  conflictId: string,
  named?: ConflictSide,
): Promise<Recovered> {
  const id = documentKey(document);
  const conflict = await readConflict(db, conflictId);
  if (conflict === null || conflict.document !== id) throw noSuchConflict(document, conflictId);
  if (conflict.class === 'quarantine') return recoverRefused(db, stores, document, conflict);
  const sides = versionsOfSides(conflict);
  const contents = await readVersions(db, Object.values(sides));
  const side = named ?? sideThatLost(conflict, contents);
  const text = contents.get(sides[side] ?? '');
  if (text === undefined) throw noSuchSide(document, conflictId, side);
  return {
    document: id,
    key: `conflict ${conflictId} ${side}`,
    at: conflict.at,
    revision: null,
    version: side === 'result' ? conflict.version : null,
    origin: conflict.origin,
    device: side === sideThatCame(conflict) ? conflict.device : null,
    ...whole(text),
  };
}

/**
 * Of a resolved conflict the side that was not kept. Else the document before, where what came replaced it; and what came,
 * where a merge took both in: the document before is in the log besides.
 */
function sideThatLost(conflict: ConflictRecord, contents: ReadonlyMap<string, string>): ConflictSide {
  const { resolution, ours, theirs, result } = conflict;
  if (resolution === 'legacy') return 'local-first';
  if (resolution === 'local-first') return 'legacy';
  const text = (id: string | null) => contents.get(id ?? '');
  return text(theirs) === text(result) && text(ours) !== text(result)
    ? sideThatStood(conflict)
    : sideThatCame(conflict);
}

async function recoverRefused(
  db: Queryable,
  stores: Stores,
  document: string,
  conflict: ConflictRecord,
): Promise<Recovered> {
  const refused = await readRefusedUpdate(db, conflict);
  if (refused === null) throw noSuchConflict(document, conflict.id);
  return recoverVersion(db, stores, document, { key: `u${refused.seq}` });
}

const listIt = (document: string): string =>
  `See \`dualpath recover ${shellWord(document)}\` for what is kept.`;

function notKept(document: string, kept: readonly Kept[]): UsageError {
  if (kept.length > 0)
    return new UsageError('not-kept', 'No kept version of the document is that one.', listIt(document), {
      document,
    });
  return new UsageError(
    'not-kept',
    'Nothing is kept of this document: it never was in a started cohort.',
    `Check the id; \`dualpath diff ${shellWord(document)}\` says what the stores know of it.`,
    { document },
  );
}

function ambiguous(document: string, request: RecoverRequest, contents: readonly Recovered[]): UsageError {
  const keys = contents.map(({ key }) => key);
  const number = 'revision' in request ? request.revision : '';
  const commands = keys
    .map((key) => `\`dualpath recover ${shellWord(document)} --kept ${key}\``)
    .join(' or ');
  return new UsageError(
    'ambiguous-revision',
    `Revision ${number} was the number of ${new Set(contents.map(({ text }) => text)).size} different contents.`,
    `Take one of them with ${commands}.`,
    { document, revision: number, kept: contents.map(({ key, at, origin }) => ({ key, at, origin })) },
  );
}

const noSuchConflict = (document: string, conflict: string): UsageError =>
  new UsageError('no-such-conflict', 'The document has no conflict of this number.', listIt(document), {
    document,
    conflict,
  });

const noSuchSide = (document: string, conflict: string, side: string): UsageError =>
  new UsageError(
    'not-kept',
    `The conflict has no ${side}: ${side === 'base' ? 'what it was based on is unknown' : 'it is not kept'}.`,
    `See \`dualpath conflicts show ${conflict}\`, or take another side.`,
    { document, conflict, side },
  );
