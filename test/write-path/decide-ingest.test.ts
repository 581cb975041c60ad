import { describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../src/documents/legacy.ts';
import type { Link } from '../../src/documents/links.ts';
import type { Held } from '../../src/documents/quarantine.ts';
import { decide, type Situation } from '../../src/write-path/decide-ingest.ts';

const row = (change: Partial<LegacyRow> = {}): LegacyRow => ({
  id: 'd',
  owner: 'ada',
  content: '{}',
  revision: '1',
  xmin: '100',
  cohort: 'pilot',
  bytes: 2,
  ...change,
});
const link = (change: Partial<Link> = {}): Link => ({
  id: 'd',
  cohort: 'pilot',
  authority: 'legacy',
  fingerprint: Buffer.alloc(32),
  legacyRevision: '1',
  owner: 'ada',
  lineage: '1',
  version: '1',
  head: '1',
  headHash: Buffer.alloc(32),
  observed: '1',
  rowXmin: null,
  rowFingerprint: null,
  revisionShared: false,
  mergedVersion: null,
  proofLegacyXmin: null,
  proofLocalXmin: null,
  proofHead: null,
  deletedAt: null,
  ...change,
});
const held = (change: Partial<Held> = {}): Held => ({
  id: 'd',
  cohort: 'pilot',
  code: 'not-text',
  reason: '',
  legacyXmin: '100',
  ...change,
});
const decided = (change: Partial<Situation>): string => {
  const decision = decide({
    row: null,
    link: null,
    held: null,
    wasGone: false,
    started: new Set(['pilot', 'second']),
    ...change,
  });
  return 'cohort' in decision ? `${decision.kind} ${decision.cohort}` : decision.kind;
};

describe('no row', () => {
  test.each<[string, Partial<Situation>, string]>([
    ['and no link is nothing', {}, 'nothing'],
    ['and a quarantine record lets go', { held: held() }, 'release'],
    ['and a link is a deletion', { link: link() }, 'bury'],
    ['and a tombstone is nothing new', { link: link({ deletedAt: new Date() }) }, 'nothing'],
  ])('%s', (_what, situation, expected) => expect(decided(situation)).toBe(expected));
});

describe('a row without a link', () => {
  test.each<[string, Partial<Situation>, string]>([
    ['of a started cohort is seeded', { row: row() }, 'seed pilot'],
    ['of a cohort that has not started is not ours', { row: row({ cohort: 'later' }) }, 'nothing'],
    ['of no cohort is not ours', { row: row({ cohort: null }) }, 'nothing'],
    ['that left every started cohort is let go', { row: row({ cohort: null }), held: held() }, 'release'],
    ['that was tried is held', { row: row(), held: held() }, 'hold pilot'],
    [
      'that was tried and moved is held elsewhere',
      { row: row({ cohort: 'second' }), held: held() },
      'hold second',
    ],
    [
      'that changed since it was tried is tried again',
      { row: row({ xmin: '101' }), held: held() },
      'seed pilot',
    ],
    ['that was asked to be tried again is', { row: row(), held: held({ legacyXmin: null }) }, 'seed pilot'],
    [
      'behind a foreign state is tried again',
      { row: row(), held: held({ code: 'foreign-state' }) },
      'seed pilot',
    ],
  ])('%s', (_what, situation, expected) => expect(decided(situation)).toBe(expected));
});

describe('a row with a link', () => {
  const dead = link({ deletedAt: new Date() });
  test.each<[string, Partial<Situation>, string]>([
    ['is compared', { row: row(), link: link() }, 'compare pilot'],
    ['goes to its owner’s cohort', { row: row({ cohort: 'second' }), link: link() }, 'compare second'],
    [
      'stays where it was when that has not started',
      { row: row({ cohort: 'later' }), link: link() },
      'compare pilot',
    ],
    ['that was tried is held', { row: row(), link: link(), held: held() }, 'hold pilot'],
    [
      'whose head had moved is looked at again',
      { row: row(), link: link(), held: held({ code: 'head-moved' }) },
      'compare pilot',
    ],
    ['of another owner is only another owner', { row: row({ owner: 'eve' }), link: link() }, 'compare pilot'],
    ['created again by the same owner goes on', { row: row(), link: dead }, 'compare pilot'],
    [
      'created again by another owner starts anew',
      { row: row({ owner: 'eve' }), link: dead },
      'reseed pilot',
    ],
    ['created again by nobody starts anew', { row: row({ owner: null }), link: dead }, 'reseed pilot'],
    [
      'that was gone in between starts anew',
      { row: row({ owner: 'eve' }), link: link(), wasGone: true },
      'reseed pilot',
    ],
    [
      'that was gone and is the same owner’s goes on',
      { row: row(), link: link(), wasGone: true },
      'compare pilot',
    ],
  ])('%s', (_what, situation, expected) => expect(decided(situation)).toBe(expected));
});
