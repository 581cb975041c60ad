import { type Answer, inOneTrip, isOfPg, type PgClient, type Statement, takesTrips } from './one-trip.ts';
import type { Pool } from './pool.ts';
import { named } from './prepared.ts';
import type { Queryable } from './queryable.ts';
import { beginning, committing, type TransactionOptions } from './transaction.ts';

/**
 * `inTransaction` for work of few statements, where the way to the database and back is most of what it costs: it begins with
 * its first statement, and can be committed with its last one (`lastIn`).
 * @param options.prepares gives the statements names
 */
export async function inBriefTransaction<T>(
  pool: Pool,
  work: (tx: Queryable) => Promise<T>,
  options: TransactionOptions & { readonly prepares: boolean },
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const tx = new BriefTransaction(client, options);
  try {
    const result = await work(tx);
    await tx.commit();
    return result;
  } catch (error) {
    await client.query('rollback').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** What the pool gives; it need not be pg's own. */
interface Client {
  query(text: string, values?: readonly unknown[]): Promise<Answer>;
}

/**
 * Where the statement is sent that is the last one of a call: in a transaction of ours the commit goes with it.
 * @param check is done while the database is at the statement; what it throws undoes the transaction
 */
export const lastIn = (tx: Queryable, check = (): void => undefined): Queryable =>
  tx instanceof BriefTransaction ? { query: (text, values = []) => tx.queryLast(text, values, check) } : tx;

class BriefTransaction implements Queryable {
  readonly #client: Client;
  readonly #prepares: boolean;
  /** What is still to be sent before the next statement. */
  #before: readonly string[];
  #isEnded = false;

  constructor(client: Client, options: TransactionOptions & { readonly prepares: boolean }) {
    this.#client = client;
    this.#prepares = options.prepares && isOfPg(client);
    this.#before = beginning(options);
  }

  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<Answer<R>> {
    const answers = await this.#send([this.#statement(text, values)]);
    return answers.at(-1) as Answer<R>;
  }

  async queryLast<R extends object>(
    text: string,
    values: readonly unknown[],
    check: () => void,
  ): Promise<Answer<R>> {
    let failed: { readonly error: unknown } | null = null;
    const end = (): Statement => {
      try {
        check();
        return { text: 'commit' };
      } catch (error) {
        failed = { error };
        return { text: 'rollback' };
      }
    };
    const sent = this.#send([this.#statement(text, values)], end);
    await Promise.allSettled([sent]);
    this.#isEnded = true;
    if (failed !== null) throw (failed as { readonly error: unknown }).error;
    const answers = await committing(() => sent);
    return answers.at(-2) as Answer<R>;
  }

  /** Does nothing where it was committed with its last statement, or had none. */
  async commit(): Promise<void> {
    if (this.#isEnded || this.#before.length > 0) return;
    await committing(() => this.#send([{ text: 'commit' }]));
  }

  async #send(statements: readonly Statement[], last?: () => Statement): Promise<readonly Answer[]> {
    if (this.#isEnded) throw new Error('the transaction was ended with its last statement');
    const all: readonly Statement[] = [...this.#before.map((text) => ({ text })), ...statements];
    this.#before = [];
    if ((all.length > 1 || last) && takesTrips(this.#client)) return inOneTrip(this.#client, all, last);
    const answers: Answer[] = [];
    for (const each of all) answers.push(await this.#sendOne(each));
    if (last) answers.push(await this.#sendOne(last()));
    return answers;
  }

  #sendOne({ name, text, values }: Statement): Promise<Answer> {
    if (name === undefined) return this.#client.query(text, values);
    return (this.#client as PgClient).query({ name, text, values });
  }

  #statement(text: string, values: readonly unknown[]): Statement {
    return this.#prepares && values.length > 0 ? named(text, values) : { text, values: [...values] };
  }
}
