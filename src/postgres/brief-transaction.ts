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

/** Where the statement is sent that is the last one of a call: in a transaction of ours the commit goes with it. */
export const lastIn = (tx: Queryable): Queryable =>
  tx instanceof BriefTransaction ? { query: (text, values) => tx.queryLast(text, values) } : tx;

class BriefTransaction implements Queryable {
  readonly #client: Client;
  readonly #prepares: boolean;
  /** What is still to be sent before the next statement. */
  #before: readonly string[];
  #isCommitted = false;

  constructor(client: Client, options: TransactionOptions & { readonly prepares: boolean }) {
    this.#client = client;
    this.#prepares = options.prepares && isOfPg(client);
    this.#before = beginning(options);
  }

  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<Answer<R>> {
    const answers = await this.#send([this.#statement(text, values)]);
    return answers.at(-1) as Answer<R>;
  }

  async queryLast<R extends object>(text: string, values: readonly unknown[] = []): Promise<Answer<R>> {
    const answers = await committing(() => this.#send([this.#statement(text, values), { text: 'commit' }]));
    this.#isCommitted = true;
    return answers.at(-2) as Answer<R>;
  }

  /** Does nothing where it was committed with its last statement, or had none. */
  async commit(): Promise<void> {
    if (this.#isCommitted || this.#before.length > 0) return;
    await committing(() => this.#send([{ text: 'commit' }]));
  }

  async #send(statements: readonly Statement[]): Promise<readonly Answer[]> {
    if (this.#isCommitted) throw new Error('the transaction was committed with its last statement');
    const all: readonly Statement[] = [...this.#before.map((text) => ({ text })), ...statements];
    this.#before = [];
    if (all.length > 1 && takesTrips(this.#client)) return inOneTrip(this.#client, all);
    const answers: Answer[] = [];
    for (const { name, text, values } of all)
      answers.push(
        await (name === undefined
          ? this.#client.query(text, values)
          : (this.#client as PgClient).query({ name, text, values })),
      );
    return answers;
  }

  #statement(text: string, values: readonly unknown[]): Statement {
    return this.#prepares && values.length > 0 ? named(text, values) : { text, values: [...values] };
  }
}
