import { shellWord } from '../controller.ts';

/** Fields of an answer that tell what to do. */
const TELLING: ReadonlySet<string> = new Set(['remedy', 'clears']);

/** The config that a command line names, if it names one; without one the commands it is told go where they should. */
export function configOf(argv: readonly string[]): string | null {
  const at = argv.findIndex((word) => word === '--config' || word.startsWith('--config='));
  const [, inline] = /^--config=(.+)$/s.exec(argv[at] ?? '') ?? [];
  return at < 0 ? null : (inline ?? argv[at + 1] ?? null);
}

/** Makes commands in a text go to the rollout that was asked about: pasted, `dualpath start staff` would mean another one. */
export function pasteable(text: string, config: string | null): string {
  if (config === null) return text;
  return text.replace(/`(dualpath [a-z][^`\n]*)`/g, (span, line: string) =>
    line.includes('--config') ? span : `\`${line} --config ${shellWord(config)}\``,
  );
}

/** The same for what programs read; what it says beside remedies is left as it is. */
export const pasteableJson = (answer: unknown, config: string | null): string =>
  JSON.stringify(answer, (key, value: unknown) =>
    typeof value === 'string' && TELLING.has(key) ? pasteable(value, config) : value,
  );
