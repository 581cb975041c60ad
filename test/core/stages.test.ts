import { expect, test } from 'vitest';
import { STAGES, type Stage } from '../../src/core/model.ts';
import { authorityOf, flagsOf, isJudged, isStarted } from '../../src/core/stages.ts';

// The table of the contract: stage, dual_write, default, authority of its documents.
const CONTRACT: readonly (readonly [Stage, string, string, string])[] = [
  ['planned', 'off', 'off', 'legacy'],
  ['dual-writing', 'on', 'off', 'legacy'],
  ['backfilling', 'on', 'off', 'legacy'],
  ['soaking', 'on', 'off', 'legacy'],
  ['cutting-over', 'on', 'turning-on', 'to-local-first'],
  ['baking', 'on', 'on', 'local-first'],
  ['completed', 'off', 'on', 'local-first'],
  ['rolling-back', 'on', 'turning-off', 'to-legacy'],
  ['rolled-back', 'off', 'off', 'legacy'],
];

test('the contract names every stage once', () => {
  expect(CONTRACT.map(([stage]) => stage)).toEqual([...STAGES]);
});

test.each(CONTRACT)(
  '%s has dual_write %s, default %s and authority %s',
  (stage, dualWrite, byDefault, authority) => {
    expect(flagsOf(stage)).toEqual({ dual_write: dualWrite, default: byDefault });
    expect(authorityOf(stage)).toBe(authority);
  },
);

test('every stage but planned is started', () => {
  expect(STAGES.filter((stage) => !isStarted(stage))).toEqual(['planned']);
});

test('gates are judged while a cohort soaks and while it bakes', () => {
  expect(STAGES.filter(isJudged)).toEqual(['soaking', 'baking']);
});
