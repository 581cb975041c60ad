import { CommanderError } from 'commander';
import { DualpathError, type ExitCode, UsageError } from '../errors.ts';
import { interruptions } from './interruptions.ts';
import { createProgram } from './program.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Runs one command line and says how the process should end. Never throws, never exits by itself. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const terminal = openTerminal({ json: argv.includes('--json'), color: !argv.includes('--no-color') });
  const interrupted = interruptions();
  // A reader that went away (`| head`) is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  let exit: ExitCode = 0;
  try {
    const program = createProgram({
      terminal,
      signal: interrupted.signal,
      finish: (code) => {
        exit = code;
      },
    });
    await program.parseAsync(argv, { from: 'user' });
    return interrupted.exitCode() ?? exit;
  } catch (error) {
    return interrupted.exitCode() ?? fail(terminal, error);
  } finally {
    interrupted.close();
  }
}

function fail(terminal: Terminal, error: unknown): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const told = error instanceof CommanderError ? usageOf(error) : asTold(error);
  terminal.progress(null);
  const { colors } = terminal;
  terminal.note(`${colors.red('error')} ${told.message}`);
  if (told.remedy) terminal.note(`${colors.dim('  do →')} ${told.remedy}`);
  const { code, message, remedy, details } = told;
  if (told.exitCode !== 3 && told.exitCode !== 4)
    terminal.answer({ json: { error: { code, message, remedy, details } }, text: '' });
  return told.exitCode;
}

/** The option parser's own errors, in our form. */
function usageOf(error: CommanderError): DualpathError {
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .trim();
  return new UsageError(
    'usage',
    message.endsWith('.') || message.endsWith(')') ? message : `${message}.`,
    'See `dualpath --help`, or `dualpath <command> --help` for one command and an example.',
  );
}

/** What we did not foresee is a bug of ours: it keeps its stack for whoever asks, and shows one line to everyone else. */
function asTold(error: unknown): DualpathError {
  if (error instanceof DualpathError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (process.env.DUALPATH_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return new DualpathError(
    'internal',
    `Something went wrong inside dualpath: ${message}.`,
    'Nothing was left half done. Run the command again; with DUALPATH_DEBUG=1 it prints where it happened.',
  );
}
