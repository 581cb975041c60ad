import { align } from '../../src/formats/align.ts';
import { readLegacy } from '../../src/formats/index.ts';
import { mergeTokens } from '../../src/formats/merge/merge-tokens.ts';
import { compareTexts } from '../../src/formats/merge/text-changes.ts';
import {
  createLexicon,
  type Lexicon,
  type Token,
  textOfTokens,
} from '../../src/formats/merge/text-tokens.ts';
import { expandTrace, type Trace, type TraceEdit } from './traces.ts';
import { createDevice, type Device, type WritePath } from './write-path.ts';

/**
 * Replays a history of people typing together as the traffic of both write paths. Agent 0 is the legacy path: it saves the
 * whole document and often goes on from what it sent. The others are devices with a Yjs replica, which are offline for
 * stretches. In the history everybody saw the others' keystrokes within a second; here they see them when they sync, so that
 * there is far more to merge.
 *
 * An edit is made where its author would make it: by the identities of the characters it was about. One that is about
 * text that its author has not seen here yet (a correction in the other's sentence) waits until it has.
 */
export interface Replay {
  readonly content: string;
  readonly edits: number;
  /** Edits that waited for a sync. */
  readonly waited: number;
  readonly syncs: number;
}

export async function replayTrace(trace: Trace, path: WritePath, random: () => number): Promise<Replay> {
  const { edits, rank } = expandTrace(trace);
  const spaces = new Set(
    edits.flatMap(({ ids, inserted }) => ids.filter((_, at) => /\s/.test(inserted[at] ?? ''))),
  );
  const head = createHead(path);
  const writers: ReplayWriter[] = [];
  for (let agent = 0; agent < trace.numAgents; agent++) {
    writers.push(
      agent === 0
        ? await legacyWriter(path)
        : deviceWriter(createDevice(`device-${agent}`, 1000 + agent, path)),
    );
  }
  const agents = writers.map((writer) =>
    createAgent(writer, head, rank, spaces, random, () => untilSync(random, edits.length)),
  );
  for (const edit of edits) await agents[edit.agent]?.take(edit);
  const isDone = () =>
    agents.every(({ waiting }) => waiting() === 0) &&
    writers.every(({ shown }) => shown() === head.now().text);
  for (let round = 0; round === 0 || !isDone(); round++) {
    if (round > MOST_ROUNDS)
      throw new Error('Some edits are about text that never came, or the writers do not agree.');
    for (const agent of agents) await agent.sync(true);
  }
  const sum = (of: (agent: Agent) => number) => agents.reduce((total, agent) => total + of(agent), 0);
  const { content } = await path.load();
  return {
    content,
    edits: edits.length,
    waited: sum(({ waited }) => waited()),
    syncs: sum(({ syncs }) => syncs()),
  };
}

/** Syncs of everybody in the end: an edit may wait for one that waits itself. */
const MOST_ROUNDS = 100;

const WORDS_MEET = /^\S\S/;

/** A client of either path, as it is used here. */
interface ReplayWriter {
  splice(at: number, gone: number, text: string): void;
  /** @param reload does it show what the other side wrote? A device always does. Returns whether it now shows the head. */
  sync(reload: boolean): Promise<boolean>;
  shown(): string;
}

async function legacyWriter(path: WritePath): Promise<ReplayWriter> {
  let { content, revision: base } = await path.load();
  return {
    splice(at, gone, text) {
      content = content.slice(0, at) + text + content.slice(at + gone);
    },
    async sync(reload) {
      const { revision, head } = await path.save(content, base);
      const shows = reload || head.content === content;
      base = shows ? head.revision : revision;
      if (shows) content = head.content;
      return shows;
    },
    shown: () => content,
  };
}

function deviceWriter({ doc, sync }: Device): ReplayWriter {
  const text = doc.getText('default');
  return {
    splice(at, gone, inserted) {
      doc.transact(() => {
        if (gone > 0) text.delete(at, gone);
        if (inserted !== '') text.insert(at, inserted);
      });
    },
    async sync() {
      await sync();
      return true;
    },
    shown: () => text.toString(),
  };
}

/** Text, and which character is which. */
interface Identified {
  readonly text: string;
  readonly ids: readonly number[];
}

/** The document as it is stored, with the identities of its characters, which the stores do not know of. */
interface Head {
  readonly now: () => Identified;
  /** Looks at what the store made of what a writer sent, which it had made of `base`. */
  update(base: Identified, sent: Identified): Promise<void>;
  /** A character that was typed anew in the same place is the one that stood there. */
  resolve(id: number): number;
  /** When a character was first seen in the head; nothing if never. */
  seenAt(id: number): number | undefined;
  clock(): number;
}

function createHead(path: WritePath): Head {
  let now: Identified = { text: '', ids: [] };
  let clock = 0;
  const seen = new Map<number, number>();
  const aliases = new Map<number, number>();
  const resolve = (id: number): number => {
    let found = id;
    for (let next = aliases.get(found); next !== undefined; next = aliases.get(found)) found = next;
    return found;
  };
  const name = (alias: number, id: number) => {
    if (resolve(id) !== alias) aliases.set(alias, resolve(id));
  };
  return {
    now: () => now,
    async update(base, sent) {
      const merged = mergeIdentified(base, now, sent, (id, alias) => name(alias, id));
      now = identify((await path.load()).content, merged);
      clock++;
      for (const { ids } of [sent, now]) for (const id of ids) if (!seen.has(id)) seen.set(id, clock);
    },
    resolve,
    seenAt: (id) => seen.get(id),
    clock: () => clock,
  };
}

/**
 * What the store holds, its characters known by those of the merge. A push is merged by Yjs where nothing is at stake, and
 * may order what two people typed in one place otherwise: a character that stands elsewhere is the same one still.
 * @throws Error where the store holds a character that nobody typed
 */
function identify(text: string, merged: Identified): Identified {
  if (text === merged.text) return merged;
  const codes = (of: string): number[] => [...of].map((character) => character.codePointAt(0) ?? 0);
  const [stored, known] = [codes(text), codes(merged.text)];
  const ids: (number | undefined)[] = stored.map(() => undefined);
  const taken = new Set<number>();
  for (const { a, b, length } of align(known, stored))
    for (let at = 0; at < length; at++) {
      ids[b + at] = merged.ids[a + at];
      taken.add(a + at);
    }
  const left = known.map((code, at) => ({ code, at })).filter(({ at }) => !taken.has(at));
  return {
    text,
    ids: stored.map((code, at) => {
      const found = ids[at];
      if (found !== undefined) return found;
      const next = left.findIndex((each) => each.code === code);
      const [moved] = next === -1 ? [] : left.splice(next, 1);
      const id = moved && merged.ids[moved.at];
      if (id === undefined) throw new Error('The store holds a character that nobody typed, or one twice.');
      return id;
    }),
  };
}

interface Agent {
  take(edit: TraceEdit): Promise<void>;
  sync(reload: boolean): Promise<void>;
  readonly waiting: () => number;
  readonly waited: () => number;
  readonly syncs: () => number;
}

/** Edits until the next sync: some tens for who is online, some hundreds on the bus; fewer in a short history. */
function untilSync(random: () => number, edits: number): number {
  const some = Math.min(60, Math.max(3, edits / 50));
  return Math.ceil(some * (random() < 0.15 ? 4 + 16 * random() : 0.3 + 1.2 * random()));
}

function createAgent(
  writer: ReplayWriter,
  head: Head,
  rank: ReadonlyMap<number, number>,
  spaces: ReadonlySet<number>,
  random: () => number,
  pause: () => number,
): Agent {
  let ids: number[] = [];
  let base: Identified = { text: '', ids };
  let queue: TraceEdit[] = [];
  const gone = new Set<number>();
  let [left, syncedAt, waited, syncs] = [pause(), 0, 0, 0];

  const isKnown = (id: number) => gone.has(id) || (head.seenAt(id) ?? Number.POSITIVE_INFINITY) <= syncedAt;
  const indexOf = (id: number) => Math.max(ids.indexOf(id), ids.indexOf(head.resolve(id)));
  const isAbout = (id: number) => indexOf(id) >= 0 || isKnown(id);
  const canMake = ({ left, deleted, inserted }: TraceEdit) =>
    deleted.every(isAbout) && (left === undefined || isAbout(left) || (inserted !== '' && spaces.has(left)));
  const nearest = (after: number): number => {
    const most = rank.get(after) ?? -1;
    let [best, bestRank] = [Number.NaN, -1];
    for (const id of ids) {
      const at = rank.get(id) ?? -1;
      if (at <= most && at > bestRank) [best, bestRank] = [id, at];
    }
    return best;
  };
  const place = (after: number | undefined): number => {
    if (after === undefined) return 0;
    const at = indexOf(after);
    if (at >= 0) return at + 1;
    // What it was typed after is gone, or not here yet: after what stands before that.
    return ids.indexOf(nearest(after)) + 1;
  };
  const splice = (at: number, count: number, text: string, added: readonly number[]) => {
    writer.splice(at, count, text);
    for (const id of ids.splice(at, count, ...added)) gone.add(id);
  };
  const make = (edit: TraceEdit) => {
    let at = place(edit.left);
    if (
      edit.left !== undefined &&
      !isAbout(edit.left) &&
      WORDS_MEET.test(writer.shown().slice(at - 1, at) + edit.inserted)
    ) {
      splice(at, 0, '\n', [--strangers]);
      at++;
    }
    splice(at, 0, edit.inserted, edit.ids);
    for (const id of edit.deleted) {
      const index = indexOf(id);
      if (index >= 0) splice(index, 1, '', []);
    }
  };
  const makeWaiting = () => {
    const still: TraceEdit[] = [];
    for (const edit of queue) {
      if (canMake(edit)) make(edit);
      else still.push(edit);
    }
    queue = still;
  };
  const sync = async (reload: boolean) => {
    syncs++;
    const sent = { text: writer.shown(), ids: [...ids] };
    const shows = await writer.sync(reload);
    await head.update(base, sent);
    base = sent;
    if (!shows) return;
    if (writer.shown() !== head.now().text) throw new Error('A writer shows other text than it was given.');
    base = head.now();
    ids = [...base.ids];
    syncedAt = head.clock();
    makeWaiting();
  };
  return {
    async take(edit) {
      if (canMake(edit)) make(edit);
      else {
        waited++;
        queue.push(edit);
      }
      // A save in the middle of a word makes it two words of those who see it, which is true but hard to count.
      if (--left > 0 || /\w$/.test(edit.inserted)) return;
      left = pause();
      await sync(random() < 0.7);
    },
    sync,
    waiting: () => queue.length,
    waited: () => waited,
    syncs: () => syncs,
  };
}

/** The next identity of a character that nobody typed: a space that keeps two words apart. */
let strangers = 0;

interface IdentifiedToken extends Token {
  readonly ids: readonly number[];
}

/** The merge that the store is to make, and where each character of it comes from. */
function mergeIdentified(
  base: Identified,
  ours: Identified,
  theirs: Identified,
  onAlias: (id: number, alias: number) => void,
): Identified {
  const lexicon = createLexicon();
  const [before, one, two] = [base, ours, theirs].map((it) => identifiedTokens(it, lexicon));
  if (before === undefined || one === undefined || two === undefined)
    throw new Error('There are three sides.');
  const sides = { base: before, ours: compareTexts(before, one), theirs: compareTexts(before, two) };
  for (const index of before.keys()) {
    const [kept, same] = [one[sides.ours.kept[index] ?? -1]?.ids, two[sides.theirs.kept[index] ?? -1]?.ids];
    kept?.forEach((id, at) => {
      const alias = same?.[at];
      if (alias !== undefined && alias !== id) onAlias(id, alias);
    });
  }
  const tokens = mergeTokens(sides, () => {}) as readonly (Token & Partial<IdentifiedToken>)[];
  const ids = tokens.flatMap(
    ({ ids: known, insert }) => known ?? Array.from(insert as string, () => --strangers),
  );
  return { text: textOfTokens(tokens), ids };
}

function identifiedTokens({ text, ids }: Identified, lexicon: Lexicon): readonly IdentifiedToken[] {
  let at = 0;
  return lexicon.read(readLegacy('text', text)).map((token) => {
    const from = at;
    at += (token.insert as string).length;
    return { ...token, ids: ids.slice(from, at) };
  });
}
