import { Option } from 'commander';

/** `--dry-run` of a command that requires a reason: nothing is journaled, so there is nothing to give a reason for. */
export const dryRunWithoutReason = (description: string): Option =>
  new Option('--dry-run', description).implies({ reason: null });
