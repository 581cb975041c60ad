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

/**
 * The whole command line. Usage errors, help and version are thrown as CommanderError; the parser itself writes nothing, and
 * what it would have written goes to `said`.
 */
export function createProgram(
  surroundings: Surroundings & { readonly said?: (text: string) => void },
): Command {
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
    // What is said once of all commands is found from each of them. Commands take it over when they are added.
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nTry it on a simulated school:  dualpath demo\nYour own database:             dualpath init, then dualpath plan',
    );
  for (const add of commands) add(program, surroundings);
  return quiet(program, surroundings.said ?? (() => undefined));
}

/** What the parser has to say is ours to print, once and in our form. */
function quiet(command: Command, said: (text: string) => void): Command {
  command.exitOverride().configureOutput({ writeErr: said, writeOut: said });
  for (const child of command.commands) quiet(child, said);
  return command;
}
