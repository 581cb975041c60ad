import { cohortOf } from '../core/cohorts.ts';
import { type FlagCohort, impliedAnswer } from '../core/flag-plan.ts';
import { FLAGS_UNDER_WAY } from '../core/flag-trouble.ts';
import { FLAG_ROLES, type FlagRole, type Stage } from '../core/model.ts';
import { flagsOf } from '../core/stages.ts';
import type { Stores } from '../documents/stores.ts';
import { HeldError } from '../errors.ts';
import type { FlagPort } from '../flags/port.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { FlagWriteState } from './flag-writes.ts';
import { allUsers, type BucketedUser, usersAround } from './users.ts';

/** Cohorts that a flag is on for. Those in `changing` may be on or off: who depends on them is not judged. */
export interface CohortsOn {
  readonly on: ReadonlySet<string>;
  readonly changing: ReadonlySet<string>;
}

/** Users asked for, with both flags where both were asked; a user counts once however many of its flags are wrong. */
export interface Parity {
  readonly checked: number;
  readonly wrong: number;
  /** Some of the wrong ones: users by id, never content. */
  readonly examples: readonly ParityExample[];
}

export interface ParityExample {
  readonly user: string;
  readonly role: FlagRole;
  readonly implied: boolean;
  readonly answered: boolean;
}

/** `all` users, or these and a neighbour of each. */
export type ParityScope = 'all' | readonly string[];

const EXAMPLES = 5;

/**
 * What the stages of all cohorts say about a flag. In a stage that writes it it may be either: a start that waits for the
 * flag server is no fault of the cohorts that are judged meanwhile. The same where a write of it was begun and its end is
 * not on record. A baking cohort for which it is confirmed off is half completed: nothing else of ours turns it off there.
 */
export function cohortsOn(stages: readonly Staged[], role: FlagRole, written?: FlagWriteState): CohortsOn {
  // A baking cohort writes its flag at the very end; all the time before it has to be on.
  const isWriting = (stage: Stage): boolean => stage !== 'baking' && FLAGS_UNDER_WAY[stage].includes(role);
  const isCompleting = ({ name, stage }: Staged): boolean =>
    stage === 'baking' && role === 'dual_write' && written !== undefined && !written.confirmed.has(name);
  const changing = stages.filter(({ name, stage }) => isWriting(stage) || isUnfinished(name, written));
  const on = stages.filter(
    (each) => flagsOf(each.stage)[role] === 'on' && !changing.includes(each) && !isCompleting(each),
  );
  return { on: namesOf(on), changing: namesOf(changing) };
}

interface Staged {
  readonly name: string;
  readonly stage: Stage;
}

const namesOf = (cohorts: readonly Staged[]): ReadonlySet<string> => new Set(cohorts.map(({ name }) => name));

/** Whether a write without an outcome turns the flag on or off for the cohort. */
const isUnfinished = (name: string, written?: FlagWriteState): boolean =>
  Boolean(written?.intended) && written?.confirmed.has(name) !== written?.intended?.has(name);

/**
 * Asks the flag SDK for users and compares its answers with what the stages imply. Reads only.
 * @throws what the flag port throws, UnavailableError for one that does not answer
 */
export async function checkParity(
  db: Queryable,
  stores: Stores,
  flags: FlagPort,
  wanted: Partial<Readonly<Record<FlagRole, CohortsOn>>>,
  scope: ParityScope,
): Promise<Parity> {
  const pages = scope === 'all' ? allUsers(db, stores) : [await usersAround(db, stores, scope)];
  let parity: Parity = { checked: 0, wrong: 0, examples: [] };
  for await (const users of pages) {
    if (users.length > 0) parity = sum(parity, await checkPage(users, stores.config.cohorts, flags, wanted));
  }
  return parity;
}

async function checkPage(
  users: readonly BucketedUser[],
  cohorts: readonly FlagCohort[],
  flags: FlagPort,
  wanted: Partial<Readonly<Record<FlagRole, CohortsOn>>>,
): Promise<Parity> {
  const checked = new Set<string>();
  const wrong: ParityExample[] = [];
  for (const role of FLAG_ROLES) {
    const on = wanted[role];
    if (on === undefined) continue;
    const answers = await flags.evaluate(role, users);
    users.forEach((user, index) => {
      const implied = impliedFor(user, cohorts, on);
      if (implied === null) return;
      checked.add(user.id);
      const answered = answers[index] ?? false;
      if (answered !== implied) wrong.push({ user: user.id, role, implied, answered });
    });
  }
  return {
    checked: checked.size,
    wrong: new Set(wrong.map(({ user }) => user)).size,
    examples: wrong.slice(0, EXAMPLES),
  };
}

/** Null where the answer hangs on a flag that is being written. */
function impliedFor(
  user: BucketedUser,
  cohorts: readonly FlagCohort[],
  { on, changing }: CohortsOn,
): boolean | null {
  const placed = { ...user, cohort: cohortOf(user, cohorts) };
  const without = impliedAnswer(placed, cohorts, on);
  const withAll = impliedAnswer(placed, cohorts, new Set([...on, ...changing]));
  return without === withAll ? without : null;
}

const sum = (a: Parity, b: Parity): Parity => ({
  checked: a.checked + b.checked,
  wrong: a.wrong + b.wrong,
  examples: [...a.examples, ...b.examples].slice(0, EXAMPLES),
});

/**
 * Asks for every user, as `start` and `flip` do after they wrote a flag.
 * @throws HeldError `flag-parity` (5) when the SDK answers somebody otherwise
 */
export async function requireParity(
  { pool, stores, flags }: { readonly pool: Queryable; readonly stores: Stores; readonly flags: FlagPort },
  role: FlagRole,
  on: ReadonlySet<string>,
): Promise<Parity> {
  const parity = await checkParity(pool, stores, flags, { [role]: { on, changing: new Set() } }, 'all');
  if (parity.wrong === 0) return parity;
  const [first] = parity.examples;
  throw new HeldError(
    'flag-parity',
    `The flag ${role} answers ${parity.wrong} of ${parity.checked} users otherwise than the stages imply, among them ${first?.user}: ${first?.answered ? 'on' : 'off'}, implied ${first?.implied ? 'on' : 'off'}.`,
    'Look at the strategies, segments and context fields of the flag for what somebody else added, and run the same command again.',
    { role, checked: parity.checked, wrong: parity.wrong, examples: parity.examples },
  );
}
