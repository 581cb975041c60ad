import { normalizedStrategyValue } from 'unleash-client/lib/strategy/util.js';
import { type FlagCohort, impliedAnswer, type PlacedUser } from '../../src/core/flag-plan.ts';

/** Cohorts that overlap in every way: listed users in matched schools, both in every tenth, one school twice. */
export const COHORTS: readonly FlagCohort[] = [
  { name: 'staff', definition: { users: ['u-1', 'u-2', 'u-3', "o'hara", 'élève 😀'] } },
  { name: 'pilot-school', definition: { match: { school: ['lincoln-high', 'école "Curie"'] } } },
  { name: 'tenth', definition: { percent: 10 } },
  { name: 'teachers', definition: { match: { role: ['teacher'] } } },
  { name: 'third', definition: { percent: 33 } },
  { name: 'everyone', definition: { everyone: true } },
];

const SCHOOLS = ['lincoln-high', 'école "Curie"', 'washington', null];
const ROLES = ['student', 'student', 'teacher', null, 'constructor'];

/** Five hundred users, each placed by the words of the contract: the first cohort that matches. */
export const USERS: readonly PlacedUser[] = [
  ...Array.from({ length: 498 }, (_, index) => `u-${index}`),
  "o'hara",
  'élève 😀',
].map((id, index) => {
  const attributes = { school: SCHOOLS[index % 4] ?? null, role: ROLES[index % 5] ?? null };
  const bucket = normalizedStrategyValue(id, 'dualpath');
  return { id, attributes, bucket, cohort: place(id, attributes, bucket) };
});

function place(id: string, attributes: { school: string | null; role: string | null }, bucket: number) {
  if (['u-1', 'u-2', 'u-3', "o'hara", 'élève 😀'].includes(id)) return 'staff';
  if (attributes.school === 'lincoln-high' || attributes.school === 'école "Curie"') return 'pilot-school';
  if (bucket <= 10) return 'tenth';
  if (attributes.role === 'teacher') return 'teachers';
  return bucket <= 33 ? 'third' : 'everyone';
}

const ORDER = COHORTS.map(({ name }) => name);

/** The cohorts that are on, step by step: all the way forward, all the way back, and forward again in leaps. */
export const STEPS: readonly (readonly string[])[] = [
  [],
  ...ORDER.map((_, index) => ORDER.slice(0, index + 1)),
  ...ORDER.map((_, index) => ORDER.slice(0, ORDER.length - 1 - index)),
  ['pilot-school'],
  ['staff', 'tenth', 'third'],
  ['tenth', 'third', 'everyone'],
];

/** `dual_write` while cohorts complete from the front: a completed percent cohort is still seen through later ones. */
export const COMPLETING: readonly (readonly string[])[] = ORDER.map((_, index) => ORDER.slice(index + 1));

export function implied(on: readonly string[]): readonly boolean[] {
  return USERS.map((user) => impliedAnswer(user, COHORTS, new Set(on)));
}
