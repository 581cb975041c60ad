import type { Stores } from '../documents/stores.ts';
import {
  applyUpdate,
  type Content,
  changeState,
  decodeState,
  EMPTY_UPDATE,
  hasWords,
  type Integrated,
  integrateUpdate,
  type Merge,
  merge3,
  type Reading,
  rescue,
  type StateChange,
  strandedTexts,
} from '../formats/index.ts';
import type { LevelDocument } from './hold.ts';
import type { Part } from './made-in-parts.ts';
import type { ReplicaBefore } from './replica-search.ts';

/** An update that can be part of the document, before anything is written. */
export interface PlannedPush {
  readonly kind: 'planned';
  /** With the update in it, and with the repair where there is one. */
  readonly state: () => Uint8Array;
  readonly content: Content;
  /**
   * Proves the content, to be called before it counts.
   * @throws Error if it is another
   */
  readonly prove: () => void;
  /** Yjs client ids that it brought something of, and nobody wrote under before. */
  readonly clients: readonly number[];
  /** What a three-way merge had to say, where one was needed. */
  readonly meeting: Meeting | null;
}

/** The device's content and the head's, brought together by more than the CRDT. */
export interface Meeting {
  readonly base: ReplicaBefore;
  readonly baseContent: Content;
  readonly ours: Content;
  readonly theirs: Content;
  readonly merge: Merge;
  /** Leads from the CRDT's result to the merge's; null: they are one. */
  readonly repair: StateChange | null;
}

export type PushPlan =
  | PlannedPush
  | { readonly kind: 'pending' }
  | { readonly kind: 'refused'; readonly code: string };

/** What planning asks for, only where it needs it. */
export interface Asked {
  readonly update: Uint8Array;
  readonly device: string;
  /** The device that writes under each of its Yjs client ids. */
  readonly owners: ReadonlyMap<number, string>;
  /** Did this device ever pull the document? */
  hasPulled(): Promise<boolean>;
  /** What the document was seeded with. */
  seed(): Promise<Uint8Array>;
  /** Did another tab of the device send the very same, and it is part of the document? */
  cameBefore(): Promise<boolean>;
  replica(): Promise<ReplicaBefore>;
  /** The device said what its replica held: the first look already goes by it. */
  readonly knowsReplica: boolean;
  readonly reading: Reading;
}

/** A first look at an update, before anything is known of its device. */
export const glanceAt = (
  { shape }: Stores,
  { state }: LevelDocument,
  update: Uint8Array,
  reading: Reading,
): Integrated => integrateUpdate(state, update, shape, undefined, reading);

/**
 * What becomes of a document with an update of a device. Most updates need nothing but the CRDT, and cost no more.
 * @param glance the first look, if somebody had it already
 */
export async function planPush(
  stores: Stores,
  sides: LevelDocument,
  asked: Asked,
  glance?: Integrated,
): Promise<PushPlan> {
  const { shape } = stores;
  const said = asked.knowsReplica ? await asked.replica() : null;
  const first =
    said === null
      ? (glance ?? glanceAt(stores, sides, asked.update, asked.reading))
      : look(sides, shape, asked, said);
  if (first.kind === 'pending') return first;
  if (first.kind === 'refused') return blamed(first, sides, shape);
  const clients = first.kind === 'applied' ? first.clients : [];
  const { owners } = asked;
  if (clients.some((client) => (owners.get(client) ?? asked.device) !== asked.device))
    return { kind: 'refused', code: 'foreign-client' };
  const isKnown = clients.every((client) => owners.has(client));
  if (await isSecondSeed(sides, shape, asked, isKnown)) return { kind: 'refused', code: 'second-seed' };
  if (!first.suspicious || (first.kind === 'contained' && (await asked.cameBefore())))
    return planned(sides, shape, first, asked, null);
  const base = said ?? (await asked.replica());
  const second = said ? first : look(sides, shape, asked, base);
  if (second.kind === 'pending' || second.kind === 'refused') return second;
  return planned(sides, shape, second, asked, second.suspicious ? meet(sides, shape, second, base) : null);
}

/** A document that cannot be read without the update, either, is not made so by it. */
function blamed(
  refused: Extract<Integrated, { readonly kind: 'refused' }>,
  { state }: LevelDocument,
  shape: Stores['shape'],
): PushPlan {
  if (refused.code !== 'unreadable' || isReadable(state, shape)) return refused;
  return { kind: 'refused', code: DOCUMENT_UNREADABLE };
}

/** What is refused for this waits: it may come in once the document is mended. */
export const DOCUMENT_UNREADABLE = 'document-unreadable';

function isReadable(state: Uint8Array, shape: Stores['shape']): boolean {
  try {
    decodeState(state, shape);
    return true;
  } catch {
    return false;
  }
}

/**
 * The update on a scratch copy. One that tells of deletions that its device did not make is looked at without those, too: they hide
 * what others typed.
 */
function look(
  { state }: LevelDocument,
  shape: Stores['shape'],
  { update, reading }: Asked,
  base: ReplicaBefore,
): Integrated {
  const replica = () => base.state;
  const found = integrateUpdate(state, update, shape, replica, reading);
  if (found.kind !== 'applied' || found.suspicious || base.own === update) return found;
  const own = integrateUpdate(state, base.own, shape, replica);
  return { ...found, suspicious: own.kind !== 'applied' || own.suspicious };
}

/**
 * Did a client fill the document by itself, as if it were its first? Its update builds on nothing of ours, and there is text
 * already, which would stand twice. Who pulled a document that has text from its seed on writes beside something; who pulled an
 * empty one may have been the first to write.
 */
async function isSecondSeed(
  sides: LevelDocument,
  shape: Stores['shape'],
  asked: Asked,
  isKnown: boolean,
): Promise<boolean> {
  if (isKnown) return false;
  const alone = integrateUpdate(EMPTY_UPDATE, asked.update, shape);
  if (alone.kind !== 'applied' || !hasWords(decodeState(sides.state, shape))) return false;
  if (!(await asked.hasPulled())) return true;
  return hasWords(alone.content) && hasWords(decodeState(await asked.seed(), shape));
}

type Taken = Extract<Integrated, { readonly kind: 'applied' | 'contained' }>;

function planned(
  sides: LevelDocument,
  shape: Stores['shape'],
  taken: Taken,
  { owners }: Asked,
  meeting: Meeting | null,
): PlannedPush {
  const state = taken.kind === 'applied' ? taken.state : () => sides.state;
  const written = taken.kind === 'applied' ? taken.clients : [];
  const clients = written.filter((client) => !owners.has(client));
  const content = taken.kind === 'applied' ? taken.content : decodeState(sides.state, shape);
  const prove = taken.kind === 'applied' ? taken.prove : PROVED;
  if (meeting?.repair == null) return { kind: 'planned', state, content, prove, clients, meeting };
  const repaired = meeting.repair.state;
  return {
    kind: 'planned',
    state: () => repaired,
    content: meeting.merge.content,
    // A repair is read again where it is made.
    prove: PROVED,
    clients,
    meeting,
  };
}

const PROVED = (): void => undefined;

function meet(sides: LevelDocument, shape: Stores['shape'], taken: Taken, base: ReplicaBefore): Meeting {
  const { link } = sides;
  const ours = decodeState(sides.state, shape);
  const baseContent = decodeState(base.parts?.[0]?.before ?? base.state, shape);
  const parts = base.parts ?? [{ before: base.state, after: applyUpdate(base.state, base.own) }];
  const met = mergeParts(ours, parts, shape);
  const { theirs } = met;
  const merge = withStranded(met.merge, parts, base.own);
  const crdt = taken.kind === 'applied' ? taken : { state: () => sides.state, content: ours };
  const repair =
    merge.content.canonical === crdt.content.canonical
      ? null
      : changeState(crdt.state(), merge.content, shape, {
          documentId: link.id,
          lineage: link.lineage,
          revision: link.head,
          purpose: 'repair',
        });
  return { base, baseContent, ours, theirs, merge, repair };
}

/** Part by part: what a later one's replica no longer showed of an earlier one is in the document by then. */
function mergeParts(
  ours: Content,
  parts: readonly Part[],
  shape: Stores['shape'],
): { readonly theirs: Content; readonly merge: Merge } {
  const [first, ...others] = parts.map(({ before, after }) => [before, after] as const);
  if (first === undefined) throw new Error('An update has one part at least.');
  const meetPart = (head: Content, [before, after]: typeof first) => {
    const theirs = decodeState(after, shape);
    return { theirs, merge: merge3(decodeState(before, shape), head, theirs) };
  };
  return others.reduce(
    (met, part) => {
      const next = meetPart(met.merge.content, part);
      return { theirs: next.theirs, merge: bothMerges(met.merge, next.merge) };
    },
    meetPart(ours, first),
  );
}

/** What was typed where the device's replica, as far as it is known, shows nothing any more, gets a place of its own. */
function withStranded(merge: Merge, parts: readonly Part[], update: Uint8Array): Merge {
  const texts = parts.flatMap(({ before }) => strandedTexts(before, update));
  const content = rescue(merge.content, texts);
  if (content === null) return merge;
  const reasons = [...new Set([...merge.reasons, 'edit-in-deleted' as const])].sort();
  return { ...merge, content, class: 'needs-review', reasons };
}

/** The second went on from the first one's result. */
const bothMerges = (first: Merge, second: Merge): Merge => ({
  content: second.content,
  class: CLASSES.find((each) => each === first.class || each === second.class) ?? 'clean',
  reasons: [...new Set([...first.reasons, ...second.reasons])].sort(),
  words: {
    base: first.words.base,
    ours: first.words.ours,
    theirs: second.words.theirs,
    result: second.words.result,
  },
});

const CLASSES = ['needs-review', 'notice', 'clean'] as const;
