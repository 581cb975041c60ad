import type { Terminal } from '../terminal.ts';

/** A command on a line of its own, which goes to the rollout that was asked about when it is pasted. */
export const commandLine = (command: string, { pasteable }: Pick<Terminal, 'pasteable'>): string =>
  pasteable(`\`${command}\``).slice(1, -1);
