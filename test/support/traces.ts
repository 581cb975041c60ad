import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as Y from 'yjs';
import { z } from 'zod';

/**
 * Concurrent editing histories in the format of github.com/josephg/editing-traces: transactions that name those they came
 * after, each with edits of the text as its author saw it. Positions and lengths are code points. An author's own
 * transactions never are concurrent.
 */
const traceSchema = z.object({
  kind: z.literal('concurrent'),
  endContent: z.string(),
  numAgents: z.int().positive(),
  txns: z.array(
    z.object({
      parents: z.array(z.int().nonnegative()),
      agent: z.int().nonnegative(),
      patches: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative(), z.string()]).rest(z.unknown())),
    }),
  ),
});
export type Trace = z.infer<typeof traceSchema>;

/** The folder with traces that are not in this repository, if there is one. */
export const TRACES = process.env.DUALPATH_TRACES;

/** The concurrent traces of a folder: `*.json` and `*.json.gz`. */
export function tracesIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => /\.json(\.gz)?$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

/** @throws if the file is no concurrent trace */
export function readTrace(file: string): Trace {
  const bytes = readFileSync(file);
  return traceSchema.parse(JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()));
}

/** One edit by the identities of characters (UTF-16 units), which hold wherever their text has moved to. */
export interface TraceEdit {
  readonly agent: number;
  /** The character it was typed after; nothing at the start of the text. */
  readonly left: number | undefined;
  readonly deleted: readonly number[];
  readonly inserted: string;
  /** The identities of what was inserted. */
  readonly ids: readonly number[];
}

export interface Expanded {
  /** In the order of the trace, which has causes before effects. */
  readonly edits: readonly TraceEdit[];
  /** Where every character that ever was stands among all others, deleted ones too. */
  readonly rank: ReadonlyMap<number, number>;
  /** What the history leads to when Yjs merges it as it was written. */
  readonly content: string;
}

/** Plays the history as it was, each author with a replica, to learn what each edit was about. */
export function expandTrace({ numAgents, txns }: Trace): Expanded {
  const wide = txns.some(({ patches }) =>
    patches.some(([, , inserted]) => /[^\0-\uD7FF\uE000-\uFFFF]/.test(inserted)),
  );
  const authors = Array.from({ length: numAgents }, (_, agent) => new Author(agent, wide));
  const versions: number[][] = [];
  const edits: TraceEdit[] = [];
  for (const { parents, agent, patches } of txns) {
    const author = authors[agent];
    if (author === undefined) throw new Error(`The trace has no agent ${agent}.`);
    const version = authors.map((_, at) =>
      Math.max(0, ...parents.map((parent) => versions[parent]?.[at] ?? 0)),
    );
    if (version[agent] !== author.updates.length)
      throw new Error(`Agent ${agent} is concurrent with itself.`);
    author.catchUp(authors, version);
    edits.push(...author.write(patches));
    version[agent] = author.updates.length;
    versions.push(version);
  }
  const reader = new Author(numAgents, wide);
  reader.catchUp(
    authors,
    authors.map(({ updates }) => updates.length),
  );
  const rank = new Map(reader.identities('all').map((id, at) => [id, at]));
  return { edits, rank, content: reader.text.toString() };
}

const NOTHING = new Uint8Array([0, 0]);

class Author {
  readonly updates: Uint8Array[] = [];
  readonly text: Y.Text;
  readonly #agent: number;
  readonly #wide: boolean;
  readonly #doc = new Y.Doc({ gc: false });
  readonly #known: number[] = [];
  #visible: number[] = [];

  /** @param wide are there characters of two UTF-16 units in the trace? */
  constructor(agent: number, wide: boolean) {
    this.#agent = agent;
    this.#wide = wide;
    this.#doc.clientID = agent + 1;
    this.text = this.#doc.getText();
  }

  /** Takes in what the others had written up to these counts of transactions. */
  catchUp(authors: readonly Author[], version: readonly number[]): void {
    let changed = false;
    for (const [agent, { updates }] of authors.entries()) {
      const known = agent === this.#agent ? updates.length : (this.#known[agent] ?? 0);
      const wanted = Math.max(version[agent] ?? 0, known);
      for (const update of updates.slice(known, wanted)) Y.applyUpdate(this.#doc, update);
      changed ||= wanted > known;
      this.#known[agent] = wanted;
    }
    if (changed) this.#visible = this.identities('visible');
  }

  /** One transaction. */
  write(patches: Trace['txns'][number]['patches']): readonly TraceEdit[] {
    const updates: Uint8Array[] = [];
    const collect = (update: Uint8Array) => updates.push(update);
    this.#doc.on('update', collect);
    const edits = patches.map(([position, count, inserted]) => {
      const [from, to] = this.#unitsOf(position, count);
      const deleted = this.#visible.slice(from, to);
      const first = Y.getState(this.#doc.store, this.#doc.clientID);
      const ids = Array.from({ length: inserted.length }, (_, at) =>
        identity(this.#doc.clientID, first + at),
      );
      const left = this.#visible[from - 1];
      if (to > from) this.text.delete(from, to - from);
      if (inserted !== '') this.text.insert(from, inserted);
      this.#visible.splice(from, to - from, ...ids);
      return { agent: this.#agent, left, deleted, inserted, ids };
    });
    this.#doc.off('update', collect);
    this.updates.push(updates.length > 0 ? Y.mergeUpdates(updates) : NOTHING);
    return edits;
  }

  /** The identities of the text, from its start to its end. */
  identities(which: 'visible' | 'all'): number[] {
    const ids: number[] = [];
    for (let item = this.text._start; item !== null; item = item.right) {
      if (item.deleted && which === 'visible') continue;
      for (let at = 0; at < item.length; at++) ids.push(identity(item.id.client, item.id.clock + at));
    }
    return ids;
  }

  /** Code points to UTF-16 units. */
  #unitsOf(position: number, count: number): readonly [from: number, to: number] {
    if (!this.#wide) return [position, position + count];
    const points = Array.from(this.text.toString());
    const from = points.slice(0, position).join('').length;
    return [from, from + points.slice(position, position + count).join('').length];
  }
}

function identity(client: number, clock: number): number {
  return client * 2 ** 32 + clock;
}
