import type { Queryable } from '../postgres/queryable.ts';

/** What a pushed update is known by, beside its document and device. */
export interface PushIdentity {
  readonly epoch: string;
  readonly session: string;
  readonly seq: string;
  /** Of the bytes. */
  readonly sha256: Uint8Array;
}

/** An update that came before. */
export interface PushedBefore {
  readonly seq: string;
  /** Why it is not in the state; null: it is. */
  readonly apart: string | null;
  /** A repair had to follow it. */
  readonly merged: boolean;
}

/** What is known about a push before it is looked at. */
export interface PushFacts {
  /** The same push, if it came before. */
  readonly before: PushedBefore | null;
  /** The device that writes under each of its Yjs client ids. */
  readonly owners: ReadonlyMap<number, string>;
  /** Another update may wait for this one. */
  readonly isAwaited: boolean;
  /** Another update waited for the document to be let go or mended, and may come in now. */
  readonly isHeldUp: boolean;
  /** Somebody else wrote since the head that it names. */
  readonly isBehind: boolean;
}

/**
 * @param clients the Yjs client ids that it writes under
 * @param base the head that it names, if it names one
 */
export async function readPushFacts(
  db: Queryable,
  id: string,
  device: string,
  { epoch, session, seq, sha256 }: PushIdentity,
  clients: readonly number[],
  base: number | undefined,
): Promise<PushFacts> {
  const { rows } = await db.query<{
    before: PushedBefore | null;
    owners: readonly { readonly client: string; readonly device: string }[] | null;
    isAwaited: boolean;
    isHeldUp: boolean;
    isBehind: boolean;
  }>(
    `select (select jsonb_build_object('seq', u.seq::text, 'apart', u.apart, 'merged',
                      exists (select from dualpath.receipts r
                               where r.document_id = u.document_id and r.kind = 'push' and r.seq = u.seq
                                 and r.outcome = 'merged'))
               from dualpath.updates u
              where u.document_id = $1::text and u.device_id = $2::text and u.epoch = $3::text and u.session = $4::text
                and u.device_seq = $5::bigint and u.sha256 = $6::bytea and u.origin = 'push') as before,
            (select jsonb_agg(jsonb_build_object('client', c.client::text, 'device', c.device_id))
               from dualpath.clients c
              where c.document_id = $1::text and c.client = any($7::bigint[])) as owners,
            exists (select from dualpath.updates u
                     where u.document_id = $1::text and u.apart in (${WAITING})) as "isAwaited",
            exists (select from dualpath.updates u
                     where u.document_id = $1::text and u.apart in (${HELD_UP})) as "isHeldUp",
            exists (select from dualpath.updates u where u.document_id = $1::text and u.seq > $8::bigint
                     and u.device_id is distinct from $2::text and u.apart is null) as "isBehind"`,
    [id, device, epoch, session, seq, sha256, clients, base ?? null],
  );
  const { before = null, owners, isAwaited = false, isHeldUp = false, isBehind = false } = rows[0] ?? {};
  return {
    before,
    owners: new Map((owners ?? []).map(({ client, device }) => [Number(client), device])),
    isAwaited,
    isHeldUp,
    isBehind,
  };
}

/** Why an update is apart that may become part of the state yet. */
const WAITING = `'pending', 'held', 'builds-on-refused', 'document-unreadable'`;

/** Of these, the ones that wait for the document and for no other update. */
const HELD_UP = `'held', 'document-unreadable'`;

/** Every update of a document that was refused, or that builds on one: what builds on it cannot come in by itself. */
export async function readRefusedPayloads(db: Queryable, id: string): Promise<readonly Uint8Array[]> {
  const { rows } = await db.query<{ payload: Uint8Array }>(
    `select payload from dualpath.updates
      where document_id = $1::text and apart is not null and apart not in ('pending', 'held')
     union all
     select payload from dualpath.rejected where document_id = $1::text and kind = 'push'`,
    [id],
  );
  return rows.map(({ payload }) => payload);
}

/** What a document was seeded with in the life that it has. */
export async function readSeed(db: Queryable, id: string): Promise<Uint8Array> {
  const { rows } = await db.query<{ payload: Uint8Array }>(
    `select payload from dualpath.updates where document_id = $1::text and origin = 'seed' order by seq desc limit 1`,
    [id],
  );
  const [seed] = rows;
  if (!seed) throw new Error('a document that is linked has no seed');
  return seed.payload;
}

/** Did these very bytes come from the device before, in whatever session? */
export async function cameBefore(
  db: Queryable,
  id: string,
  device: string,
  sha256: Uint8Array,
): Promise<boolean> {
  const { rows } = await db.query<{ came: boolean }>(
    `select exists (select from dualpath.updates where document_id = $1::text and device_id = $2::text
        and sha256 = $3::bytea and apart is null) as came`,
    [id, device, sha256],
  );
  return rows[0]?.came ?? false;
}

/**
 * Appends an update that does not become part of the state, and moves the head past it: a number is given once.
 * @param apart a code: why
 */
export async function appendApart(
  tx: Queryable,
  id: string,
  update: {
    readonly seq: string;
    readonly payload: Uint8Array;
    readonly device: string;
    readonly push: PushIdentity;
    readonly named: NamedBase;
  },
  apart: string,
): Promise<void> {
  const { epoch, session, seq, sha256 } = update.push;
  await tx.query(
    `with appended as (
       insert into dualpath.updates (document_id, seq, payload, origin, device_id, apart, epoch, session, device_seq, sha256,
                                     base_seq, state_vector)
       values ($1::text, $2::bigint, $3::bytea, 'push', $4::text, $5::text, $6::text, $7::text, $8::bigint, $9::bytea,
               $10::bigint, $11::bytea))
     update dualpath.documents set head = $2::bigint where id = $1::text`,
    [
      id,
      update.seq,
      update.payload,
      update.device,
      apart,
      epoch,
      session,
      seq,
      sha256,
      update.named.baseSeq,
      update.named.stateVector,
    ],
  );
}

/** What a client said that its replica held. */
export interface NamedBase {
  readonly baseSeq: string | null;
  readonly stateVector: Uint8Array | null;
}

/** An update that waits. */
export interface WaitingUpdate extends NamedBase {
  /** Why. */
  readonly apart: string;
  readonly seq: string;
  readonly payload: Uint8Array;
  readonly device: string;
  readonly epoch: string;
  readonly session: string;
  /** Its device's number. */
  readonly deviceSeq: string;
}

/** Updates that may become part of the state yet: they wait for another one, or for their document. */
export async function readWaitingUpdates(db: Queryable, id: string): Promise<readonly WaitingUpdate[]> {
  const { rows } = await db.query<WaitingUpdate>(
    `select seq::text as seq, apart, payload, device_id as device, epoch, session, device_seq::text as "deviceSeq",
            base_seq::text as "baseSeq", state_vector as "stateVector"
       from dualpath.updates
      where document_id = $1::text and apart in (${WAITING})
        and seq >= (select max(seq) from dualpath.updates where document_id = $1::text and origin = 'seed')
      order by updates.seq`,
    [id],
  );
  return rows;
}

/** What an update leads to, where no repair follows it. */
export interface Linked {
  readonly version: string;
  readonly fingerprint: Uint8Array;
  readonly revision: string | null;
}

/** One that waited became part of the state, under this number. */
export async function joinUpdate(
  tx: Queryable,
  id: string,
  { seq, at, links }: { readonly seq: string; readonly at: string; readonly links: Linked | null },
): Promise<void> {
  await tx.query(
    `update dualpath.updates set apart = null, joined = $3::bigint, version = $4::bigint, fingerprint = $5::bytea,
            legacy_revision = $6::bigint
      where document_id = $1::text and seq = $2::bigint`,
    [id, seq, at, links?.version ?? null, links?.fingerprint ?? null, links?.revision ?? null],
  );
}

/** This one never can become part of it. */
export async function refuseWaiting(tx: Queryable, id: string, seq: string, code: string): Promise<void> {
  await tx.query(
    `update dualpath.updates set apart = $3::text where document_id = $1::text and seq = $2::bigint`,
    [id, seq, code],
  );
}

/** The device that writes under each of these Yjs client ids of a document. */
export async function ownersOfClients(
  db: Queryable,
  id: string,
  clients: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (clients.length === 0) return new Map();
  const { rows } = await db.query<{ client: string; device: string }>(
    `select client::text as client, device_id as device from dualpath.clients
      where document_id = $1::text and client = any($2::bigint[])`,
    [id, clients],
  );
  return new Map(rows.map(({ client, device }) => [Number(client), device]));
}

/** A client id belongs to the first device that wrote under it. */
export async function claimClients(
  tx: Queryable,
  id: string,
  device: string,
  clients: readonly number[],
): Promise<void> {
  if (clients.length === 0) return;
  await tx.query(
    `insert into dualpath.clients (document_id, client, device_id)
     select $1::text, c, $3::text from unnest($2::bigint[]) c on conflict do nothing`,
    [id, clients, device],
  );
}
