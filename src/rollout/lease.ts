import { hostname } from 'node:os';
import { shellWord } from '../core/shell-word.ts';
import { checkGoingOn, type Fence } from '../documents/fence.ts';
import { HeldError } from '../errors.ts';
import type { Operator } from '../evidence/journal.ts';
import type { Pool } from '../postgres/pool.ts';

/**
 * A holder that died is taken over after this long. Renewing at a third of it survives two lost renewals; a person who
 * runs a killed command again waits less than the time it takes to read what happened.
 */
const LEASE_SECONDS = 12;
const RENEW_MS = 4_000;

/** Who takes a lease, and through which pool. */
export interface Holder {
  readonly pool: Pool;
  readonly operator: Operator;
}

/** The right to move one cohort. Writers put `fence` into the WHERE of their transactions; `signal` fires when it is lost. */
export interface Lease {
  readonly fence: Fence;
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes the lease of a cohort when nobody holds it.
 * @throws HeldError `lease-held` (exit 5) naming the holder and until when.
 */
export async function acquireLease({ pool, operator }: Holder, cohort: string): Promise<Lease> {
  const token = await takeLease(pool, cohort, holderName(operator), false);
  if (token === null) throw await leaseHeld(pool, cohort);
  return keepLease(pool, { cohort, token });
}

/** Takes the lease whoever holds it: the holder's next write is refused by its fencing token. */
export async function takeOverLease({ pool, operator }: Holder, cohort: string): Promise<Lease> {
  const token = await takeLease(pool, cohort, holderName(operator), true);
  if (token === null) throw new Error(`cohort ${cohort} is not recorded`);
  return keepLease(pool, { cohort, token });
}

const holderName = ({ name }: Operator): string => `${name} on ${hostname()}, process ${process.pid}`;

async function takeLease(pool: Pool, cohort: string, holder: string, force: boolean): Promise<string | null> {
  const { rows } = await pool.query<{ lease_token: string }>(
    `update dualpath.cohorts
        set lease_holder = $2::text, lease_token = lease_token + 1,
            lease_until = clock_timestamp() + make_interval(secs => $3::int)
      where name = $1::text and ($4::boolean or lease_until is null or lease_until <= clock_timestamp())
      returning lease_token`,
    [cohort, holder, LEASE_SECONDS, force],
  );
  return rows[0]?.lease_token ?? null;
}

function keepLease(pool: Pool, fence: Fence): Lease {
  const lost = new AbortController();
  const renew = async (): Promise<void> => {
    const { rowCount } = await pool.query(
      `update dualpath.cohorts set lease_until = clock_timestamp() + make_interval(secs => $3::int)
        where name = $1::text and lease_token = $2::bigint`,
      [fence.cohort, fence.token, LEASE_SECONDS],
    );
    // A pause took it, or another controller: whoever is stopped is told which.
    if (rowCount !== 1) await checkGoingOn(pool, fence).catch((error: unknown) => lost.abort(error));
  };
  // A renewal that cannot reach the database is not the end: the fencing token, not the timer, guards every write.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_MS);
  timer.unref();
  return {
    fence,
    signal: lost.signal,
    async release() {
      clearInterval(timer);
      await pool.query(
        `update dualpath.cohorts set lease_holder = null, lease_until = null
          where name = $1::text and lease_token = $2::bigint`,
        [fence.cohort, fence.token],
      );
    },
  };
}

async function leaseHeld(pool: Pool, cohort: string): Promise<HeldError> {
  const { rows } = await pool.query<{ lease_holder: string | null; seconds: number | null }>(
    `select lease_holder, ceil(extract(epoch from lease_until - clock_timestamp()))::int as seconds
       from dualpath.cohorts where name = $1::text`,
    [cohort],
  );
  const holder = rows[0]?.lease_holder ?? 'another controller';
  const seconds = Math.max(1, rows[0]?.seconds ?? 1);
  return new HeldError(
    'lease-held',
    `Cohort ${cohort} is being moved by ${holder}.`,
    `Wait for it; if that process is dead, its lease ends within ${seconds} s. \`dualpath pause ${shellWord(cohort)}\` and \`dualpath rollback ${shellWord(cohort)} --reason "why"\` take over at once.`,
    { cohort, holder, leaseEndsInSeconds: seconds },
  );
}
