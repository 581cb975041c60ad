import type { FlagRole, Stage } from './model.ts';
import type { Trigger } from './stages.ts';

/** The one flag a transition changes. */
export interface FlagWrite {
  readonly role: FlagRole;
  readonly on: boolean;
}

/**
 * A move, with the one flag it changes: a stage ending in -ing writes it after it is entered, a stage ending in -ed is
 * entered once it is confirmed. Or a refusal, with what to do instead.
 */
export type Edge = Move | Refusal;
export interface Move {
  readonly to: Stage;
  readonly flag: FlagWrite | null;
  readonly because: string;
}
export interface Refusal {
  readonly refused: string;
  /** With `<cohort>` in place of its name. */
  readonly remedy: string;
}

const NOTHING_ASKED = 'nothing was asked for that could be confirmed';

/** Every stage and every trigger; what is not a way is a refusal with its own reason. */
export const TRANSITIONS: Readonly<Record<Stage, Readonly<Record<Trigger, Edge>>>> = {
  planned: {
    start: {
      to: 'dual-writing',
      flag: { role: 'dual_write', on: true },
      because: 'new saves reach both stores before history is copied',
    },
    confirmed: { refused: NOTHING_ASKED, remedy: 'Run `dualpath start <cohort>`.' },
    flip: { refused: 'it has not been started', remedy: 'Run `dualpath start <cohort>`, then let it soak.' },
    complete: {
      refused: 'it has not been started',
      remedy: 'Run `dualpath start <cohort>`, then `dualpath flip <cohort>`.',
    },
    rollback: { refused: 'nothing was started, so there is nothing to roll back', remedy: 'Nothing to do.' },
  },
  'dual-writing': {
    start: { refused: 'its start is under way', remedy: 'Run `dualpath start <cohort>` to resume it.' },
    confirmed: {
      to: 'backfilling',
      flag: null,
      because: 'dual_write is on: what is saved from here on needs no copying',
    },
    flip: {
      refused: 'its history is not copied yet',
      remedy: 'Let `dualpath start <cohort>` finish, then let it soak.',
    },
    complete: {
      refused: 'it has not been flipped',
      remedy: 'Let `dualpath start <cohort>` finish, then `dualpath flip <cohort>`.',
    },
    rollback: { to: 'rolling-back', flag: null, because: 'dual_write alone is on; authority never moved' },
  },
  backfilling: {
    start: { refused: 'its start is under way', remedy: 'Run `dualpath start <cohort>` to resume it.' },
    confirmed: {
      to: 'soaking',
      flag: null,
      because: 'no document is missing from the local-first store and a full comparison has been made',
    },
    flip: {
      refused: 'its history is still being copied',
      remedy: 'Let `dualpath start <cohort>` finish, then let it soak.',
    },
    complete: {
      refused: 'it has not been flipped',
      remedy: 'Let `dualpath start <cohort>` finish, then `dualpath flip <cohort>`.',
    },
    rollback: { to: 'rolling-back', flag: null, because: 'the copies stay; authority never moved' },
  },
  soaking: {
    start: { refused: 'it is started', remedy: 'Run `dualpath flip <cohort>` when its gates pass.' },
    confirmed: { refused: NOTHING_ASKED, remedy: 'Run `dualpath flip <cohort>` when its gates pass.' },
    flip: {
      to: 'cutting-over',
      flag: { role: 'default', on: true },
      because: 'every gate passes; each document moves on its own proof, then the flag',
    },
    complete: {
      refused: 'it has not been flipped',
      remedy: 'Run `dualpath flip <cohort>` when its gates pass.',
    },
    rollback: { to: 'rolling-back', flag: null, because: 'the copies stay; authority never moved' },
  },
  'cutting-over': {
    start: {
      refused: 'its cutover is under way',
      remedy: 'Run `dualpath flip <cohort>` to finish it, or `dualpath rollback <cohort> --reason "why"`.',
    },
    confirmed: {
      to: 'baking',
      flag: null,
      because: 'every document outside quarantine has moved and its members evaluate to default on',
    },
    flip: { refused: 'its cutover is under way', remedy: 'Run `dualpath flip <cohort>` to finish it.' },
    complete: {
      refused: 'its cutover is under way',
      remedy: 'Let `dualpath flip <cohort>` finish, then let it bake.',
    },
    rollback: {
      to: 'rolling-back',
      flag: { role: 'default', on: false },
      because: 'the legacy rows are current, so authority can move back at any point of a cutover',
    },
  },
  baking: {
    start: {
      refused: 'it has been flipped already',
      remedy: 'Run `dualpath complete <cohort> --reason "why" --yes` when its gates pass.',
    },
    confirmed: {
      refused: NOTHING_ASKED,
      remedy: 'Run `dualpath complete <cohort> --reason "why" --yes` when its gates pass.',
    },
    flip: {
      refused: 'it has been flipped already',
      remedy: 'Run `dualpath complete <cohort> --reason "why" --yes` when its gates pass.',
    },
    complete: {
      to: 'completed',
      flag: { role: 'dual_write', on: false },
      because: 'every gate passes; the mirror to legacy stops, and with it the way back',
    },
    rollback: {
      to: 'rolling-back',
      flag: { role: 'default', on: false },
      because: 'the mirror kept the legacy rows current',
    },
  },
  completed: {
    start: { refused: 'it is completed', remedy: 'Nothing to do.' },
    confirmed: { refused: NOTHING_ASKED, remedy: 'Nothing to do.' },
    flip: { refused: 'it is completed', remedy: 'Nothing to do.' },
    complete: { refused: 'it is completed', remedy: 'Nothing to do.' },
    rollback: {
      refused: 'it is completed, and its legacy rows have not been kept current since',
      remedy: 'Keep it on local-first; its earlier contents are kept in dualpath.updates.',
    },
  },
  'rolling-back': {
    start: {
      refused: 'its rollback is under way',
      remedy: 'Let `dualpath rollback <cohort> --reason "why"` finish, then run `dualpath start <cohort>`.',
    },
    confirmed: {
      to: 'rolled-back',
      flag: { role: 'dual_write', on: false },
      because: 'every document is on legacy again and its members evaluate to default off',
    },
    flip: {
      refused: 'its rollback is under way',
      remedy: 'Let `dualpath rollback <cohort> --reason "why"` finish, then run `dualpath start <cohort>`.',
    },
    complete: {
      refused: 'its rollback is under way',
      remedy: 'Let `dualpath rollback <cohort> --reason "why"` finish, then run `dualpath start <cohort>`.',
    },
    rollback: {
      refused: 'its rollback is under way',
      remedy: 'Run `dualpath rollback <cohort> --reason "why"` to finish it.',
    },
  },
  'rolled-back': {
    start: {
      to: 'dual-writing',
      flag: { role: 'dual_write', on: true },
      because: 'its documents are seeded and still mirrored: starting again catches up and never re-seeds',
    },
    confirmed: { refused: NOTHING_ASKED, remedy: 'Run `dualpath start <cohort>` to begin again.' },
    flip: { refused: 'it was rolled back', remedy: 'Run `dualpath start <cohort>`, then let it soak.' },
    complete: {
      refused: 'it was rolled back',
      remedy: 'Run `dualpath start <cohort>`, then `dualpath flip <cohort>`.',
    },
    rollback: { refused: 'it is rolled back already', remedy: 'Nothing to do.' },
  },
};
