import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { ExitCode } from '../errors.ts';
import { commands } from './commands/index.ts';
import type { Terminal } from './terminal.ts';

/** What every command gets from the process it runs in. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  finish(exit: ExitCode): void;
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The whole command line; usage errors are thrown as CommanderError, nothing is written to stderr by the parser. */
export function createProgram(surroundings: Surroundings): Command {
  const program = new Command('dualpath')
    .description(
      'Move documents from a legacy Postgres row to a local-first store, cohort by cohort, on proof.',
    )
    .version(version)
    .option('--config <file>', 'the rollout', 'cohorts.yaml')
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('--no-color', 'plain text')
    .option(
      '--operator <name>',
      'who does this, for the journal (else $DUALPATH_OPERATOR, $GITHUB_ACTOR, the login name)',
    )
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nTry it on a simulated school:  dualpath demo\nYour own database:             dualpath init, then dualpath plan',
    );
  for (const add of commands) quiet(add(program, surroundings));
  return quiet(program);
}

/** Errors are ours to print, once and in our form. */
function quiet(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) quiet(child);
  return command;
}
