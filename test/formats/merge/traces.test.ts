import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLegacy } from '../../../src/formats/index.ts';
import type { Merge } from '../../../src/formats/merge/merge.ts';
import { lacking } from '../../support/lacking.ts';
import { randomFrom, SEED } from '../../support/random.ts';
import { replayTrace } from '../../support/replay.ts';
import { expandTrace, readTrace, TRACES, tracesIn } from '../../support/traces.ts';
import { createMemoryWritePath } from '../../support/write-path.ts';

const OWN = 'test/support/traces/garden-club.json';

/**
 * What must hold: nobody's characters are gone. Every character of what the people ended with was typed by one of them and
 * deleted by none, and here each typed and deleted the same ones, so the result has at least these.
 *
 * What need not: their order, and with it the words that two people made together. Here they see each other later than
 * they did, so two write in one place where one wrote after the other. Where both changed one word, both of its versions
 * are there, with letters of the word they came from in each; and a merge puts in spaces and line ends to keep words apart.
 */
async function replay(file: string, seed: number): Promise<void> {
  const trace = readTrace(file);
  const merges: Merge[] = [];
  const path = createMemoryWritePath(readLegacy('text', ''), (merge) => merges.push(merge));
  const { content, edits, waited, syncs } = await replayTrace(trace, path, randomFrom(seed));
  const [wanted, got] = [wordsOf(trace.endContent), wordsOf(content)];
  const [missing, extra] = [lacking(got, wanted), lacking(wanted, got)];
  const reviews = merges.filter((merge) => merge.class === 'needs-review').length;
  console.log(
    `${basename(file)}: ${edits} edits (${waited} waited), ${syncs} syncs, ${merges.length} merges of two changed sides ` +
      `(${reviews} to review); of ${wanted.length} words ${missing.length} differ: ` +
      `[${missing.join(' ')}] became [${extra.join(' ')}]`,
  );
  expect(merges.length).toBeGreaterThan(0);
  expect(lacking([...content], [...trace.endContent])).toEqual([]);
}

const wordsOf = (text: string) => text.match(/[\p{L}\p{N}_]+/gu) ?? [];

describe(`a recorded history of people typing together (DUALPATH_SEED=${SEED})`, {
  timeout: 1_800_000,
}, () => {
  it('is read as it was written: played as it was, it ends as it did', () => {
    const trace = readTrace(OWN);
    expect(expandTrace(trace).content).toBe(trace.endContent);
  });

  it('loses nobody a character when it is replayed over both write paths', () => replay(OWN, SEED));

  const files = TRACES === undefined ? [] : tracesIn(TRACES);
  if (files.length === 0)
    console.log('No recorded traces to replay: DUALPATH_TRACES names no folder with any.');
  it.each(files)('loses nobody a character either in %s', (file) => replay(file, SEED));
});
