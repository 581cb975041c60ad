import type { ExitCode } from '../errors.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Ctrl-C and SIGTERM ask the work to stop after the statement in hand; a second one does not wait for it. Nothing is lost
 * either way: every step may be cut off anywhere and resumes.
 */
export function interruptions(): {
  readonly signal: AbortSignal;
  exitCode(): ExitCode | null;
  close(): void;
} {
  const controller = new AbortController();
  let received: keyof typeof EXIT_CODES | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    if (name !== 'SIGINT' && name !== 'SIGTERM') return;
    if (received) process.exit(EXIT_CODES[name]);
    received = name;
    controller.abort(new Error(`stopped by ${name}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    exitCode: () => (received ? EXIT_CODES[received] : null),
    close() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
