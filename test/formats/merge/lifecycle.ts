import fc from 'fast-check';
import { type Content, type Merge, merge3 } from '../../../src/formats/index.ts';
import { contentOf, edited, firstVersion, type Step, step } from './cases.ts';
import { countWords, type Faults, faultsIn } from './oracle.ts';
import { PROFILES, type Profile } from './profiles.ts';
import { whyNoEditorOpens } from './schema.ts';
import type { Doc } from './tree.ts';

/** Three devices that are offline most of the time, and two legacy writers that are often stale. */
const ACTORS = ['device', 'device', 'device', 'learns', 'never-learns'] as const;

interface Turn {
  readonly actor: number;
  /** Whether it reaches the server after its edits. */
  readonly online: boolean;
  readonly steps: readonly Step[];
}

export interface Life {
  readonly document: number;
  readonly turns: readonly Turn[];
}

export const life: fc.Arbitrary<Life> = fc.record({
  document: fc.nat(1_000_000),
  turns: fc.array(
    fc.record({
      actor: fc.nat(ACTORS.length - 1),
      online: fc.boolean(),
      steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 4, maxLength: 24, size: 'max' },
  ),
});

/** What an actor shows, and the content that its changes are made from. */
interface Replica {
  document: Doc;
  base: Content;
}

export interface LifeVerdict extends Faults {
  readonly words: number;
  readonly merges: number;
  /** Words that doubled or came back, and that no merge which asks for a review put there. */
  readonly unnamed: readonly string[];
  readonly unopened: string | undefined;
}

export function runLife({ document, turns }: Life, profile: Profile): LifeVerdict {
  const first = firstVersion(document);
  const [inserted, gone] = [new Set(first.inserted), new Set<string>()];
  const reviewed = new Set<string>();
  let head = first.content;
  let [merges, unopened] = [0, undefined as string | undefined];
  const replicas = ACTORS.map((): Replica => ({ document: structuredClone(first.document), base: head }));
  const reach = (actor: number) => {
    const replica = replicas[actor];
    if (replica === undefined) return;
    const sent = contentOf(replica.document);
    const [ours, theirs] = ACTORS[actor] === 'device' ? [head, sent] : [sent, head];
    const merge = merge3(replica.base, ours, theirs);
    if (merge.class === 'needs-review') for (const word of putThere(merge, ours, theirs)) reviewed.add(word);
    head = merge.content;
    merges += 1;
    unopened ??= whyNoEditorOpens(head, 'json');
    // A client that knows nothing of merging goes on showing what it sent, and bases its next save on that.
    if (ACTORS[actor] === 'never-learns') replica.base = sent;
    else {
      replica.base = head;
      replica.document = structuredClone(head.value) as Doc;
    }
  };
  turns.forEach(({ actor, online, steps }, turn) => {
    const replica = replicas[actor];
    if (replica === undefined) return;
    const version = edited(replica.document, `${'abcde'[actor]}${turn}t`, steps, PROFILES[profile]);
    replica.document = version.document;
    for (const word of version.inserted) inserted.add(word);
    for (const word of version.deleted) gone.add(word);
    if (online) reach(actor);
  });
  for (const actor of ACTORS.keys()) reach(actor);
  const alive = new Set([...inserted].filter((word) => !gone.has(word)));
  const faults = faultsIn(head, alive, gone);
  const unnamed = [...faults.doubled, ...faults.resurrected].filter((word) => !reviewed.has(word));
  return { ...faults, unnamed, words: alive.size, merges, unopened };
}

/** Words of which a merge holds more than one of its sides does. */
function putThere({ content }: Merge, ours: Content, theirs: Content): readonly string[] {
  const sides = [ours, theirs].map(countWords);
  return [...countWords(content)]
    .filter(([word, count]) => sides.some((side) => count > (side.get(word) ?? 0)))
    .map(([word]) => word);
}
