import type { Command } from 'commander';
import { type Controller, openController } from '../../controller.ts';
import type { Surroundings } from '../program.ts';
import type { Answer, Terminal } from '../terminal.ts';

/** Adds one command to the program. */
export type AddCommand = (program: Command, surroundings: Surroundings) => Command;

export interface CommandContext<Options> {
  readonly controller: Controller;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly options: Options;
}

interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly operator?: string;
  readonly reason?: string;
}

/**
 * The way every command goes: open the controller for the config, call one function, print its answer, set the exit
 * code, close. `arguments_` are the positional ones, as the parser read them.
 */
export function running<Options extends object>(
  surroundings: Surroundings,
  work: (context: CommandContext<Options & CommonOptions>, ...arguments_: never[]) => Promise<Answer>,
): (...parsed: unknown[]) => Promise<void> {
  const { terminal, signal, finish } = surroundings;
  return async (...parsed) => {
    const command = parsed.at(-1) as Command;
    const options = command.optsWithGlobals<Options & CommonOptions>();
    const controller = await openController({
      config: options.config,
      operator: options.operator,
      reason: options.reason,
      signal,
      note: (line) => terminal.note(line),
      progress: (line) => terminal.progress(line),
    });
    try {
      const answer = await work(
        { controller, terminal, signal, options },
        ...(parsed.slice(0, -2) as never[]),
      );
      terminal.progress(null);
      terminal.answer(answer);
      finish(answer.exit ?? 0);
    } finally {
      await controller.close();
    }
  };
}
