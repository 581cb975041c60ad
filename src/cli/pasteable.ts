import { shellWord } from '../controller.ts';

/** The config that a command line names, if it names one; without one the commands it is told go where they should. */
export function configOf(argv: readonly string[]): string | null {
  const at = argv.findIndex((word) => word === '--config' || word.startsWith('--config='));
  const [, inline] = /^--config=(.+)$/s.exec(argv[at] ?? '') ?? [];
  return at < 0 ? null : (inline ?? argv[at + 1] ?? null);
}

/**
 * Makes commands in a text for people go to the rollout that was asked about: pasted, `dualpath start staff` would mean
 * another one. Programs know which they named, and get them as they are.
 */
export function pasteable(text: string, config: string | null): string {
  if (config === null) return text;
  return text.replace(/`(dualpath [a-z][^`\n]*)`/g, (span, line: string) =>
    line.includes('--config') ? span : `\`${line} --config ${shellWord(config)}\``,
  );
}
