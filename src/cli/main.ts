import { CommanderError } from 'commander';
import { DualpathError, type ExitCode, UsageError } from '../errors.ts';
import { interruptions } from './interruptions.ts';
import { configOf } from './pasteable.ts';
import { createProgram } from './program.ts';
import { openTerminal, type Streams, type Terminal } from './terminal.ts';

/** A reader that went away (`| head`) is no error of ours; where notes cannot be written, the work goes on without them. */
export function tolerateClosedPipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.stderr.on('error', () => undefined);
}

/** Runs one command line and says how the process should end. Never throws, never exits by itself. */
export async function main(argv: readonly string[], streams: Streams = process): Promise<ExitCode> {
  const terminal = openTerminal(
    { json: argv.includes('--json'), color: !argv.includes('--no-color'), config: configOf(argv) },
    streams,
  );
  const interrupted = interruptions();
  let exit: ExitCode = 0;
  let said = '';
  try {
    const program = createProgram({
      terminal,
      signal: interrupted.signal,
      finish: (code) => {
        exit = code;
      },
      said: (text) => {
        said += text;
      },
    });
    await program.parseAsync(argv, { from: 'user' });
    const ending = interrupted.ending();
    return ending ? fail(terminal, ending) : exit;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return say(terminal, error, said);
    // Whoever gave no command is shown which there are.
    if (error instanceof CommanderError && error.code === 'commander.help')
      terminal.note(`${said.trimEnd()}\n`);
    return fail(terminal, interrupted.ending() ?? told(error));
  } finally {
    interrupted.close();
  }
}

/** Help and version, which the parser ends with as if they were errors. */
function say(terminal: Terminal, { code }: CommanderError, text: string): ExitCode {
  const said = text.trimEnd();
  terminal.answer({ json: code === 'commander.version' ? { version: said } : { help: said }, text: said });
  return 0;
}

function fail(terminal: Terminal, { code, message, remedy, details, exitCode }: DualpathError): ExitCode {
  terminal.progress(null);
  terminal.complain(message, remedy);
  terminal.answer({ json: { error: { code, message, remedy, details } }, text: '' });
  return exitCode;
}

function told(error: unknown): DualpathError {
  if (error instanceof DualpathError) return error;
  return error instanceof CommanderError ? usageOf(error) : unforeseen(error);
}

/** The option parser's own errors, in our form. */
function usageOf(error: CommanderError): UsageError {
  const remedy =
    error.code === 'commander.missingMandatoryOptionValue'
      ? `Add it${error.message.includes('--reason') ? '; with --dry-run nothing is changed, and none is asked for' : ''}.`
      : 'See `dualpath --help`; --help after a command explains it, with an example.';
  if (error.code === 'commander.help') return new UsageError('usage', 'No command was given.', remedy);
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .replace(/ \(Did you mean (.+)\?\)$/, '; did you mean `$1`?')
    .trim();
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return new UsageError('usage', /[.?]$/.test(sentence) ? sentence : `${sentence}.`, remedy);
}

/** What we did not foresee is a bug of ours: it keeps its stack for whoever asks, and shows one line to everyone else. */
function unforeseen(error: unknown): DualpathError {
  const message = error instanceof Error ? error.message : String(error);
  if (process.env.DUALPATH_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return new DualpathError(
    'internal',
    `Something went wrong inside dualpath: ${message}.`,
    'Nothing was left half done. Run the command again; with DUALPATH_DEBUG=1 it prints where it happened.',
  );
}
