import {
  CONFLICT_SIDES,
  type ConflictRecord,
  type ConflictSide,
  readConflict,
  readRefusedUpdate,
  sideThatCame,
  sideThatStood,
} from '../documents/conflict-records.ts';
import { readSides } from '../documents/sides.ts';
import type { Stores } from '../documents/stores.ts';
import { UsageError } from '../errors.ts';
import {
  alignBlocks,
  type BlockRow,
  type Content,
  compareWords,
  countWords,
  integrateUpdate,
  type Stretch,
  UndecodableError,
} from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { readConflictSides } from '../write-path/conflict-sides.ts';
import { sayReason } from './conflict-reasons.ts';
import { type ConflictLine, lineOf } from './conflicts.ts';

/** One content of a conflict. */
export interface ShownSide {
  readonly side: ConflictSide;
  /** What it is in truth: `save of tablet`, `the document before`. */
  readonly what: string;
  readonly words: number;
}

/** A block of each content as plain text; null where it has none there, left out where the conflict has no such content. */
export interface ConflictBlock {
  readonly texts: Readonly<Partial<Record<ConflictSide, string | null>>>;
  /** It is the same in all of them. */
  readonly same: boolean;
  /** What each made of the base by whole words, or of the document before where there is no base; of blocks that differ. */
  readonly changes: Readonly<Partial<Record<ConflictSide, readonly Stretch[]>>>;
}

export interface ConflictReport extends ConflictLine {
  readonly sides: readonly ShownSide[];
  readonly blocks: readonly ConflictBlock[];
  /** Some sides differ in what is no text: marks, attributes, types of blocks. */
  readonly formatting: boolean;
  /** Of class `quarantine`: the update that is kept beside the document. */
  readonly update: {
    readonly seq: string;
    /** Of these updates, the last: it builds on the others. */
    readonly updates: number;
    readonly bytes: number;
    readonly joined: boolean;
    readonly because: string;
  } | null;
}

/**
 * A conflict with its contents, block beside block.
 * @throws UsageError `no-such-conflict`
 */
export async function showConflict(db: Queryable, stores: Stores, id: string): Promise<ConflictReport> {
  const record = await requireConflict(db, id);
  const contents = await readConflictSides(db, stores, record);
  const there = namedContents(record, contents);
  const rows = alignBlocks(there.map(({ content }) => content));
  return {
    ...lineOf(record),
    sides: there.map(({ side, what, content }) => ({ side, what, words: countWords(content) })),
    blocks: rows.map((texts) => blockOf(record, there, texts)),
    formatting: differInFormatting(there.map(({ content }) => content)),
    update: await updateOf(db, stores, record),
  };
}

/** @throws UsageError `no-such-conflict` */
export async function requireConflict(db: Queryable, id: string): Promise<ConflictRecord> {
  const record = await readConflict(db, id);
  if (record !== null) return record;
  throw new UsageError(
    'no-such-conflict',
    'There is no conflict of this number.',
    'See `dualpath conflicts list` for those there are.',
    { conflict: id },
  );
}

function blockOf(record: ConflictRecord, there: readonly NamedContent[], texts: BlockRow): ConflictBlock {
  const named = there.map(({ side }, index) => [side, texts[index] ?? null] as const);
  const same = texts.every((text) => text !== null && text === texts[0]);
  const origin = there.some(({ side }) => side === 'base') ? 'base' : sideThatStood(record);
  const before = named.find(([side]) => side === origin)?.[1] ?? '';
  const changes = named.flatMap(([side, text]) =>
    same || side === origin || text === null ? [] : [[side, compareWords(before, text)] as const],
  );
  return { texts: Object.fromEntries(named), same, changes: Object.fromEntries(changes) };
}

interface NamedContent {
  readonly side: ConflictSide;
  readonly what: string;
  readonly content: Content;
}

function namedContents(
  record: ConflictRecord,
  contents: Readonly<Record<ConflictSide, Content | null>>,
): readonly NamedContent[] {
  return CONFLICT_SIDES.flatMap((side) => {
    const content = contents[side];
    return content === null ? [] : [{ side, what: whatIs(side, record), content }];
  });
}

function whatIs(side: ConflictSide, record: ConflictRecord): string {
  if (side === 'base') return 'what both were made from';
  if (side === 'result') return 'the document after';
  return side === sideThatCame(record) ? cameBy(record) : 'the document before';
}

function cameBy({ origin, device }: ConflictRecord): string {
  if (origin === 'capture') return 'plain write of the row';
  return `${origin} of ${device ?? 'an unnamed device'}`;
}

/** Contents that differ where their texts do not. */
function differInFormatting(contents: readonly Content[]): boolean {
  const byText = new Map<string, string>();
  for (const content of contents) {
    const text = JSON.stringify(alignBlocks([content]));
    const before = byText.get(text);
    if (before !== undefined && before !== content.canonical) return true;
    byText.set(text, content.canonical);
  }
  return false;
}

async function updateOf(
  db: Queryable,
  stores: Stores,
  record: ConflictRecord,
): Promise<ConflictReport['update']> {
  if (record.class !== 'quarantine') return null;
  const update = await readRefusedUpdate(db, record);
  if (update === null) return null;
  const { seq, updates, payload, apart } = update;
  const because = record.reasons.map(sayReason).join('; ');
  const joined = apart === null || (await cameOtherwise(db, stores, record.document, payload));
  return { seq, updates, bytes: payload.byteLength, joined, because };
}

/** A client that opens the document anew may send all that it has as one update, and with it what was refused before. */
async function cameOtherwise(
  db: Queryable,
  stores: Stores,
  document: string,
  update: Uint8Array,
): Promise<boolean> {
  const { state } = await readSides(db, stores, document, { lock: false, content: 'changed' });
  try {
    return state !== null && integrateUpdate(state, update, stores.shape).kind === 'contained';
  } catch (error) {
    if (error instanceof UndecodableError) return false;
    throw error;
  }
}
