import { readServed } from '../documents/devices.ts';
import {
  headOfVersion,
  type KeptContent,
  keptContent,
  keptContents,
  type LoggedUpdate,
  readHistory,
  readSent,
  versionsOfRevision,
} from '../documents/history.ts';
import type { Link } from '../documents/links.ts';
import type { Stores } from '../documents/stores.ts';
import { DualpathError } from '../errors.ts';
import { type Content, closest, decodeState, mergeUpdates, readLegacy, replay } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';

/**
 * `named` by the client; `served`: the one version its device showed; `session`: what its replica held; `linked`: the
 * content that a plain write replaced; `inferred` from likeness; `missing`.
 */
export type BaseKnown = 'named' | 'served' | 'session' | 'linked' | 'inferred' | 'missing';

/** What a writer had before it when it began. */
export interface Base {
  readonly known: BaseKnown;
  /** Our number of it. `missing` names the likeliest, which is too unlike to be trusted. */
  readonly version: string;
  /** Null: it is the linked content itself, which needs no reading. */
  readonly content: Content | null;
}

/** How far back a base is looked for; a client that is further behind has long been told to load again. */
const CANDIDATES = 40;
const SENT_CANDIDATES = 20;

/**
 * The base of a whole-document save: the revision that the client names, else the one version that its device was served
 * or saved, else the likeliest of the kept ones. A number that two contents bore names neither.
 */
export async function baseOfSave(
  tx: Queryable,
  stores: Stores,
  link: Link,
  sent: Content,
  from: { readonly baseRevision?: number | null; readonly deviceId?: string },
): Promise<Base> {
  if (from.baseRevision != null) {
    const named = await versionNamed(tx, stores, link, from.baseRevision);
    if (named !== null) return known(tx, stores, link, sent, named, 'named');
  } else if (from.deviceId !== undefined) {
    const served = await readServed(tx, link.id, from.deviceId);
    const [only, ...others] = served;
    if (only !== undefined && others.length === 0) return known(tx, stores, link, sent, only, 'served');
    return inferBase(tx, stores, link, sent, served);
  }
  return inferBase(tx, stores, link, sent);
}

async function versionNamed(
  tx: Queryable,
  stores: Stores,
  link: Link,
  revision: number,
): Promise<string | null> {
  const name = String(revision);
  if (!stores.legacy.revision) return BigInt(name) <= BigInt(link.version) ? name : null;
  if (link.legacyRevision === name && !link.revisionShared) return link.version;
  const [only, ...others] = await versionsOfRevision(tx, link, name);
  return only !== undefined && others.length === 0 ? only : null;
}

async function known(
  tx: Queryable,
  stores: Stores,
  link: Link,
  sent: Content,
  version: string,
  how: BaseKnown,
): Promise<Base> {
  if (version === link.version) return { known: how, version, content: null };
  const content = await contentOfVersion(tx, stores, link, version);
  if (content !== null) return { known: how, version, content };
  // Its record has left the window: then the number says nothing any more.
  return inferBase(tx, stores, link, sent);
}

/** The content that a version was; null where nothing kept leads to it. */
async function contentOfVersion(
  db: Queryable,
  stores: Stores,
  link: Pick<Link, 'id'>,
  version: string,
): Promise<Content | null> {
  const text = await keptContent(db, link.id, version);
  if (text !== null) return readLegacy(stores.shape.format, text);
  const head = await headOfVersion(db, link.id, version);
  if (head === null) return null;
  const history = await readHistory(db, link, { upto: head });
  return decodeState(mergeUpdates(history.map(({ payload }) => payload)), stores.shape);
}

/** A content that a writer may have had before it. */
interface Candidate {
  readonly version: string;
  readonly content: Content;
}

/**
 * The kept version that a content was most likely made from, the newest of those that are equally likely.
 * @param served what the device was served or saved, if it said which it is: it showed one of these, or what a merge made of one
 */
export async function inferBase(
  tx: Queryable,
  stores: Stores,
  link: Link,
  sent: Content,
  served: readonly string[] = [],
): Promise<Base> {
  const known = served.length === 0 ? [] : await shownBefore(tx, stores, link, served);
  const candidates = known.length > 0 ? known : await newestOf(tx, stores, link);
  const found = closest(
    candidates.map(({ content }) => content),
    sent,
  );
  const likely = found && candidates[found.index];
  if (!found || !likely)
    throw new DualpathError(
      'history-missing',
      `No version of document ${link.id} can be found in its log.`,
      'Run `dualpath verify --repair` for it.',
      { details: { document: link.id } },
    );
  return {
    known: found.alike ? 'inferred' : 'missing',
    version: likely.version,
    content: likely.version === link.version ? null : likely.content,
  };
}

async function newestOf(tx: Queryable, stores: Stores, link: Link): Promise<readonly Candidate[]> {
  const sent = await readSent(tx, link.id, SENT_CANDIDATES);
  return candidatesOf(tx, stores, link, sent, (linking) => linking.slice(-CANDIDATES));
}

/** What a device was served or saved, and what a merge made of that: its client may have shown either. */
async function shownBefore(
  tx: Queryable,
  stores: Stores,
  link: Link,
  served: readonly string[],
): Promise<readonly Candidate[]> {
  const sent = await keptContents(tx, link.id, served);
  const shown = new Set([...served, ...sent.map(({ version }) => String(BigInt(version) + 1n))]);
  return candidatesOf(tx, stores, link, sent, (linking) =>
    linking.filter(({ version }) => version !== null && shown.has(version)),
  );
}

async function candidatesOf(
  tx: Queryable,
  stores: Stores,
  link: Link,
  sent: readonly KeptContent[],
  choose: (linking: readonly LoggedUpdate[]) => readonly LoggedUpdate[],
): Promise<readonly Candidate[]> {
  const history = await readHistory(tx, link);
  const chosen = new Set(choose(history.filter(({ version }) => version !== null)));
  const isWanted = history.map((update) => chosen.has(update));
  const contents = replay(history, stores.shape, (index) => isWanted[index] === true);
  const logged = contents.flatMap((content, index) => candidate(history[index], content));
  const others = sent.map(({ version, content }) => ({
    version,
    content: readLegacy(stores.shape.format, content),
  }));
  return [...logged, ...others].sort((a, b) => Number(BigInt(b.version) - BigInt(a.version)));
}

const candidate = (update: LoggedUpdate | undefined, content: Content | null): readonly Candidate[] =>
  content !== null && update?.version != null ? [{ version: update.version, content }] : [];
