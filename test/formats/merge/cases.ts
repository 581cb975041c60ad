import fc from 'fast-check';
import { type Content, merge3, readLegacy } from '../../../src/formats/index.ts';
import { countWords, type Faults, faultsIn, wrongAttributes, wrongMarks } from './oracle.ts';
import { firstDocument, moves, PROFILES, type Profile } from './profiles.ts';
import { whyNoEditorOpens } from './schema.ts';
import type { Doc } from './tree.ts';
import { createWriter, type Edit, type Writer } from './writer.ts';

/** One edit: which of the profile's, and the seed of its choices. Both shrink. */
export interface Step {
  readonly edit: number;
  readonly seed: number;
}

export interface Case {
  readonly document: number;
  readonly ours: readonly Step[];
  readonly theirs: readonly Step[];
}

export const step: fc.Arbitrary<Step> = fc.record({ edit: fc.nat(1_000), seed: fc.nat(1_000_000) });

const steps = fc.array(step, { minLength: 1, maxLength: 8, size: 'max' });

export const pairCase: fc.Arbitrary<Case> = fc.record({
  document: fc.nat(1_000_000),
  ours: steps,
  theirs: steps,
});

export function contentOf(document: Doc): Content {
  return readLegacy('prosemirror', JSON.stringify(document));
}

export interface Version {
  readonly document: Doc;
  readonly content: Content;
  readonly inserted: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
}

export function firstVersion(seed: number): Version {
  const writer = createWriter('w', seed);
  return versionOf(firstDocument(writer), writer);
}

function versionOf(document: Doc, { inserted, deleted }: Writer): Version {
  return { document, content: contentOf(document), inserted, deleted };
}

/** The document after the edits, and the writer's book of them. */
export function edited(from: Doc, name: string, steps: readonly Step[], edits: readonly Edit[]): Version {
  const document = structuredClone(from);
  const [inserted, deleted] = [new Set<string>(), new Set<string>()];
  steps.forEach(({ edit, seed }, index) => {
    // Each step names its words by itself, so that leaving one out while shrinking changes no other.
    const writer = createWriter(`${name}${index}x`, seed);
    edits[edit % edits.length]?.(document, writer);
    for (const word of writer.inserted) inserted.add(word);
    for (const word of writer.deleted) deleted.add(word);
  });
  return { document, content: contentOf(document), inserted, deleted };
}

/** What became of one pair of changes. */
export interface Verdict extends Faults {
  readonly words: number;
  readonly marks: readonly string[];
  readonly attributes: readonly string[];
  readonly unopened: string | undefined;
  readonly reasons: readonly string[];
}

export function runCase(
  { document, ours, theirs }: Case,
  profile: Profile,
  through: 'json' | 'yjs',
): Verdict {
  const base = firstVersion(document);
  const edits = PROFILES[profile];
  const [one, two] = [edited(base.document, 'a', ours, edits), edited(base.document, 'b', theirs, edits)];
  const [alive, gone] = booksOf([base, one, two]);
  const merge = merge3(base.content, one.content, two.content);
  const mirror = merge3(base.content, two.content, one.content);
  const faults = faultsIn(merge.content, alive, gone);
  const survivors = (content: Content) => [...countWords(content)].sort().join();
  const same = merge3(base.content, one.content, two.content).content.canonical === merge.content.canonical;
  if (!same) throw new Error('Merging the same again gave another result.');
  if (!moves(profile) && survivors(mirror.content) !== survivors(merge.content)) {
    throw new Error('Ours and theirs exchanged, other words survive.');
  }
  const sides = [base.content, one.content, two.content] as const;
  return {
    ...faults,
    words: alive.size,
    marks: wrongMarks(...sides, merge.content),
    attributes: profile === 'attributes' ? wrongAttributes(...sides, merge.content) : [],
    unopened: whyNoEditorOpens(merge.content, through),
    reasons: merge.reasons,
  };
}

/** What must be in a merge of these and what must not: by the books alone. */
export function booksOf(versions: readonly Version[]): readonly [ReadonlySet<string>, ReadonlySet<string>] {
  const gone = new Set(versions.flatMap(({ deleted }) => [...deleted]));
  const alive = new Set(versions.flatMap(({ inserted }) => [...inserted]).filter((word) => !gone.has(word)));
  return [alive, gone];
}
