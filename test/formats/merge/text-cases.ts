import fc from 'fast-check';
import { expect } from 'vitest';
import { type Content, readLegacy, writeLegacy } from '../../../src/formats/index.ts';
import { merge3 } from '../../../src/formats/merge/merge.ts';
import { runOfOp } from '../../../src/formats/runs.ts';
import { changeRuns } from '../../../src/formats/yjs-text.ts';
import { SEED } from '../../support/random.ts';
import {
  createDevice,
  createMemoryWritePath,
  type Device,
  type WritePath,
} from '../../support/write-path.ts';
import { type Edit, edit, editOf, Ledger, shapeOf, startOf, type TextFormat, wordsOf } from './editor.ts';

/** Two writers edit one document without knowing of each other: every word is where the two of them left it. */
export function mergePairs(format: TextFormat, numRuns: number): void {
  const edits = fc.array(editOf(format), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      shapeOf,
      fc.array(editOf(format), { maxLength: 4 }),
      edits,
      edits,
      (shape, before, one, two) => {
        const ledger = new Ledger();
        const base = write(startOf(format, shape, ledger), before, ledger);
        const ours = write(base, one, ledger);
        const theirs = write(base, two, ledger);
        expect(wordsOf(merge3(base, ours, theirs).content)).toEqual(ledger.expected);
        expect(wordsOf(merge3(base, theirs, ours).content)).toEqual(ledger.expected);
      },
    ),
    { seed: numRuns },
  );
}

function write(content: Content, edits: readonly Edit[], ledger: Ledger): Content {
  return edits.reduce((current, next) => edit(current, next, ledger), content);
}

/** One writer's turn: an edit, after which it may save or sync. */
interface Turn {
  readonly who: number;
  readonly edit: Edit;
  readonly after: 'stay-offline' | 'sync' | 'sync-and-reload';
}

interface Writer {
  edit(next: Edit): void;
  sync(reload: boolean): Promise<void>;
}

/**
 * Two legacy clients with saves that are often stale and three devices that are often offline write one document. When all
 * have synced, each word is in it that was written and not deleted, once, and the devices show what the legacy row holds.
 */
export async function liveTogether(format: TextFormat, numRuns: number): Promise<void> {
  const turn: fc.Arbitrary<Turn> = fc.record({
    who: fc.nat(4),
    edit: editOf(format),
    after: fc.constantFrom('stay-offline', 'stay-offline', 'stay-offline', 'sync', 'sync-and-reload'),
  });
  const turns = fc.array(turn, { minLength: 5, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(shapeOf, turns, async (shape, all) => {
      const ledger = new Ledger();
      const path = createMemoryWritePath(startOf(format, shape, ledger));
      const devices = [1, 2, 3].map((id) => createDevice(`device-${id}`, id, path));
      for (const device of devices) await device.sync();
      const writers = [
        ...devices.map((device) => deviceWriter(format, device, ledger)),
        await legacyWriter(format, path, ledger),
        await legacyWriter(format, path, ledger),
      ];
      for (const { who, edit: next, after } of all) {
        writers[who]?.edit(next);
        if (after !== 'stay-offline') await writers[who]?.sync(after === 'sync-and-reload');
      }
      for (const writer of [...writers, ...writers]) await writer.sync(false);
      const end = readLegacy(format, (await path.load()).content);
      expect(wordsOf(end)).toEqual(ledger.expected);
      for (const { doc } of devices) expect(contentOf(format, doc).canonical).toBe(end.canonical);
    }),
    { seed: SEED, numRuns },
  );
}

/** Shows what it sent after a merge, unless it reloads; either way the base of its next save is what it shows. */
async function legacyWriter(format: TextFormat, path: WritePath, ledger: Ledger): Promise<Writer> {
  const first = await path.load();
  let base = first.revision;
  let shown = readLegacy(format, first.content);
  return {
    edit(next) {
      shown = edit(shown, next, ledger);
    },
    async sync(reload) {
      const { revision, head } = await path.save(writeLegacy(shown), base);
      base = reload ? head.revision : revision;
      if (reload) shown = readLegacy(format, head.content);
    },
  };
}

function deviceWriter(format: TextFormat, { doc, sync }: Device, ledger: Ledger): Writer {
  return {
    edit(next) {
      const before = contentOf(format, doc);
      const after = edit(before, next, ledger);
      if (format === 'quill') {
        const { ops } = after.value as { ops: Parameters<typeof runOfOp>[0][] };
        doc.transact(() => changeRuns(doc.getText('default'), ops.map(runOfOp)));
      } else doc.transact(() => typeInto(doc, writeLegacy(before), writeLegacy(after)));
    },
    sync: () => sync(),
  };
}

/** As an editor does it: the characters that differ, and not the words. */
function typeInto(doc: Device['doc'], before: string, after: string): void {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const text = doc.getText('default');
  text.delete(start, before.length - end - start);
  text.insert(start, after.slice(start, after.length - end));
}

function contentOf(format: TextFormat, doc: Device['doc']): Content {
  const text = doc.getText('default');
  return readLegacy(format, format === 'quill' ? JSON.stringify({ ops: text.toDelta() }) : text.toString());
}
