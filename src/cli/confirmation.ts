import { createInterface } from 'node:readline/promises';
import { UsageError } from '../errors.ts';
import { hanging } from './text.ts';

/** Whether somebody is there to be asked. */
export const canAsk = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY);

/** A step that cannot be undone, asked for where nobody can be asked back; `confirmed` is the command that says yes. */
export const confirmationNeeded = (warning: string, confirmed: string): UsageError =>
  new UsageError('confirmation-needed', warning, `Run ${confirmed} if that is what you want.`);

/**
 * Asks on a terminal for a word to be typed. Ctrl-C while it waits is Ctrl-C.
 * @throws UsageError `not-confirmed` when anything else was typed
 */
export async function confirm(warning: string, word: string, signal: AbortSignal): Promise<void> {
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  // The prompt reads the keys itself, so the signal does not come from the terminal.
  questions.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const ended = new Promise<string>((resolve) => questions.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([
      questions.question(`${hanging('', warning, process.stderr.columns)}\nType "${word}" to go on: `, {
        signal,
      }),
      ended,
    ]);
    if (answer.trim() !== word)
      throw new UsageError(
        'not-confirmed',
        'It was not confirmed, so nothing was changed.',
        `Run it again and type "${word}".`,
      );
  } finally {
    questions.close();
  }
}
