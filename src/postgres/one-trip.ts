import pg from 'pg';
import type { Queryable } from './queryable.ts';

/** A statement as pg takes it; one with a name is planned once a connection. */
export interface Statement {
  readonly text: string;
  readonly values?: unknown[];
  readonly name?: string;
}

/** What pg gives for one. */
export interface Answer<R extends object = object> {
  readonly rows: R[];
  readonly rowCount: number | null;
  readonly command: string;
}

/** A client of pg's in JavaScript, of whichever copy. */
export interface PgClient extends Queryable {
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<Answer<R>>;
  query<R extends object>(statement: Statement): Promise<Answer<R>>;
}

export const isOfPg = (client: object): client is PgClient =>
  typeof (client as { connection?: Partial<Connection> }).connection?.parsedStatements === 'object';

/** One that sends its queries ahead by itself takes no query class of another copy of pg. */
export const takesTrips = (client: object): client is PgClient =>
  isOfPg(client) && (client as { readonly pipeline?: boolean }).pipeline !== true;

/**
 * Sends these without waiting for the answers in between, which takes the time of one. After one that fails none is run.
 * @param last gives one more, and is asked when the server is at the others: it may take its time over it
 * @returns the answer to each
 * @throws what the one that fails throws
 */
export function inOneTrip(
  client: PgClient,
  statements: readonly Statement[],
  last?: () => Statement,
): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    // A value that cannot be sent throws here, while nothing is.
    const sendable = statements.map(toSendable);
    const trip = new Trip(sendable, last, (error, answers) => (error ? reject(error) : resolve(answers)));
    (client as unknown as pg.Client).query(trip);
  });
}

const toSendable = ({ text, values = [], name = '' }: Statement): Sendable => ({
  text,
  values: values.map(toValue),
  name,
});

/** What pg-cursor uses of pg's connection, too. */
interface Connection {
  readonly stream: { cork(): void; uncork(): void };
  /** The text of each name that the server has planned. */
  readonly parsedStatements: Record<string, string>;
  close(message: { readonly type: 'S'; readonly name: string }): void;
  parse(message: { readonly text: string; readonly name: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly unknown[] }): void;
  describe(message: { readonly type: 'P'; readonly name: '' }): void;
  execute(message: { readonly portal: '' }): void;
  sync(): void;
}

type Sendable = Required<Statement>;
type Answered = (error: Error | null, answers: readonly Answer[]) => void;

/** Takes in the answers as pg does those of several statements in one text; what is sent is its own. */
class Trip extends pg.Query {
  constructor(statements: readonly Sendable[], last: (() => Statement) | undefined, answered: Answered) {
    super('');
    let connection: Connection | undefined;
    Object.assign(this, {
      submit(to: Connection) {
        connection = to;
        send(to, statements);
        if (last) send(to, [toSendable(last())]);
        to.sync();
        return null;
      },
      callback(error: Error | null, answers: Answer | readonly Answer[]) {
        if (error === null && connection) notePlanned(connection, statements);
        answered(error, Array.isArray(answers) ? answers : [answers as Answer]);
      },
    });
  }
}

/** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING */
function send(connection: Connection, statements: readonly Sendable[]): void {
  connection.stream.cork();
  for (const { text, values, name } of statements) {
    if (name === '' || connection.parsedStatements[name] !== text) {
      // A trip that failed has perhaps left it planned.
      if (name !== '') connection.close({ type: 'S', name });
      connection.parse({ text, name });
    }
    connection.bind({ statement: name, values });
    connection.describe({ type: 'P', name: '' });
    connection.execute({ portal: '' });
  }
  connection.stream.uncork();
}

function notePlanned(connection: Connection, statements: readonly Sendable[]): void {
  for (const { name, text } of statements) if (name !== '') connection.parsedStatements[name] = text;
}

/** As pg sends it itself. */
const toValue = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils.prepareValue;
