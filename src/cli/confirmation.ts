import { createInterface } from 'node:readline/promises';
import { UsageError } from '../errors.ts';

/** Asks on a terminal for a word to be typed; elsewhere a step that cannot be undone wants `--yes`. */
export async function requireConfirmation(warning: string, word: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError('confirmation-needed', warning, 'Say `--yes` if that is what you want.');
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await questions.question(`${warning}\nType "${word}" to go on: `);
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
