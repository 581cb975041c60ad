import { DualpathError } from '../errors.ts';

const ENDINGS = {
  SIGINT: { exitCode: 130, by: 'Ctrl-C' },
  SIGTERM: { exitCode: 143, by: 'SIGTERM' },
} as const;

/**
 * Ctrl-C and SIGTERM ask the work to stop after the statement in hand; a second one does not wait for it. Nothing is lost
 * either way: every step may be cut off anywhere and resumes.
 */
export function interruptions(): {
  readonly signal: AbortSignal;
  /** What the command ends with once it was interrupted; null if it was not. */
  ending(): DualpathError | null;
  close(): void;
} {
  const controller = new AbortController();
  let received: keyof typeof ENDINGS | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    if (name !== 'SIGINT' && name !== 'SIGTERM') return;
    if (received) process.exit(ENDINGS[name].exitCode);
    received = name;
    controller.abort(new Error(`stopped by ${name}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    ending: () => (received ? interrupted(received) : null),
    close() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function interrupted(name: keyof typeof ENDINGS): DualpathError {
  const { exitCode, by } = ENDINGS[name];
  return new DualpathError(
    'interrupted',
    `Stopped by ${by}; what was done is kept.`,
    'Run the same command again when it is wanted; a rollout goes on where it stopped.',
    { exitCode },
  );
}
