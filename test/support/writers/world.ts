import type { Calls, Death, EditorServer } from '../editor-server.ts';
import type { Ledger } from './ledger.ts';

/** What a writer sees of an application server. */
export type AskedServer = Pick<EditorServer, 'name' | 'ask'>;

/** What a writer of a document works with. */
export interface World {
  readonly id: string;
  readonly owner: string;
  readonly ledger: Ledger;
  readonly random: () => number;
  /** Its own server, most of the time; a load balancer may have chosen the other one. */
  readonly servers: readonly [own: AskedServer, other: AskedServer];
  /** Once nobody is to be killed any more. */
  readonly isCalm: () => boolean;
}

/** What a server refused, by its code: none that a writer of the scenario expects. */
export class RefusedError extends Error {
  readonly code: string;
  constructor(call: string, { code, message }: { readonly code: string; readonly message: string }) {
    super(`A ${call} was refused (${code}): ${message}`);
    this.code = code;
  }
}

/**
 * Asks a server, which may be killed at this request; then the same request is sent again.
 * @throws RefusedError
 */
export async function ask<C extends keyof Calls>(
  world: World,
  call: C,
  input: Calls[C]['input'],
): Promise<Calls[C]['result']> {
  const { random, servers, ledger } = world;
  const server = random() < 0.85 ? servers[0] : servers[1];
  const death = world.isCalm() ? undefined : deathIn(random);
  if (death !== undefined) ledger.note(`${server.name} is to die at a ${call} (${death})`);
  const said = await server.ask(call, input, death);
  if ('failed' in said) throw new RefusedError(call, said.failed);
  return said.done;
}

/** One request in seventy is the last one of its server. */
function deathIn(random: () => number): Death | undefined {
  const chance = random();
  if (chance < 0.007) return 'answer';
  return chance < 0.014 ? Math.floor(random() * 15) : undefined;
}
