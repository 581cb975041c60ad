import { dirname, resolve } from 'node:path';
import { type LoadedConfig, loadConfig, stateDirectoryOf } from './config/load.ts';
import { type ResolveReport, resolveConflict } from './controller/conflicts.ts';
import {
  type InitReport,
  init,
  initSql,
  removeInstallation,
  type UninstallReport,
} from './controller/installation.ts';
import { move, rollBack } from './controller/move.ts';
import { openSession, type SessionOptions } from './controller/open-session.ts';
import { setStatus } from './controller/pause.ts';
import { plan } from './controller/plan.ts';
import {
  listQuarantine,
  type Quarantined,
  type RetryReport,
  retryQuarantined,
} from './controller/quarantine.ts';
import {
  type KeptReport,
  listKept,
  type RecoverOptions,
  type RecoverReport,
  recover,
} from './controller/recover.ts';
import { requireCohorts } from './controller/require-cohorts.ts';
import { type RunOptions, run } from './controller/run.ts';
import { soak } from './controller/soak.ts';
import { requireKnown, statusOf, why } from './controller/status.ts';
import { type VerifyOptions, type VerifyReport, verifyCohorts } from './controller/verify.ts';
import type { runDemo as RunDemo } from './demo/demo.ts';
import type { Resolution } from './documents/conflict-records.ts';
import type { ExitCode } from './errors.ts';
import type { JournalEntry } from './evidence/journal.ts';
import { type ChainVerdict, readJournal, verifyJournal } from './evidence/journal.ts';
import { isEmbeddedRunning, stopEmbedded } from './postgres/embedded.ts';
import { asDualpathError } from './postgres/errors.ts';
import { type ConflictReport, showConflict } from './report/conflict.ts';
import { type ConflictsReport, listConflicts } from './report/conflicts.ts';
import { type DiffReport, diffDocument } from './report/diff.ts';
import { examine } from './report/doctor.ts';
import type {
  DoctorReport,
  MoveReport,
  PlanReport,
  SoakReport,
  StatusReport,
  WhyReport,
} from './report/reports.ts';
import { writeReport } from './report/write-report.ts';
import { type RestoredFlag, restoreFlags } from './rollout/restore-flags.ts';
import type { Session } from './rollout/session.ts';

export { writeStarterConfig } from './config/starter.ts';
export type { ResolveReport } from './controller/conflicts.ts';
export type { InitReport } from './controller/installation.ts';
export type { Quarantined, RetryReport } from './controller/quarantine.ts';
export type { KeptLine, KeptReport, RecoverReport } from './controller/recover.ts';
export type { VerifyReport } from './controller/verify.ts';
export type { Gate } from './core/gates.ts';
export type { Stage, Status, Verdict } from './core/model.ts';
export { shellWord } from './core/shell-word.ts';
export type { TakenStep } from './core/taken-step.ts';
export type { DemoRollout, DemoSummary } from './demo/demo.ts';
export {
  CONFLICT_SIDES,
  type ConflictSide,
  RESOLUTIONS,
  type Resolution,
} from './documents/conflict-records.ts';
export type { UnsyncedDevice } from './documents/unsynced.ts';
export * from './errors.ts';
export type { ChainVerdict, JournalEntry } from './evidence/journal.ts';
export type { Stretch } from './formats/index.ts';
export type { ConflictReport } from './report/conflict.ts';
export type { ConflictLine, ConflictsReport } from './report/conflicts.ts';
export type { DiffReport } from './report/diff.ts';
export { failedSoak } from './report/failed-soak.ts';
export type * from './report/reports.ts';
export type { RestoredFlag } from './rollout/restore-flags.ts';

/** Loaded when it is asked for: what the demo is made of is nothing that another command should wait for. */
export const runDemo: typeof RunDemo = async (options) => (await import('./demo/demo.ts')).runDemo(options);

export interface ControllerOptions extends Partial<Omit<SessionOptions, 'signal'>> {
  /** Path of cohorts.yaml. */
  readonly config: string;
  /** Aborting it finishes the statement in hand and gives up the lease; the next call resumes. */
  readonly signal?: AbortSignal;
}

interface Change {
  readonly dryRun?: boolean | undefined;
}

/**
 * The rollout as a program has it: whatever the command line can do. Every call throws DualpathError for what a
 * caller can act on; `exitCode` of the error is what the command line would exit with.
 *
 * @example
 * const controller = await openController({ config: 'cohorts.yaml' });
 * try {
 *   const { verdict } = await controller.soak([]);
 * } finally {
 *   await controller.close();
 * }
 */
export interface Controller {
  init(): Promise<InitReport>;
  /** What `init` would execute, for a DBA. */
  initSql(): Promise<string>;
  uninstall(options: Change & { readonly all: boolean }): Promise<UninstallReport>;
  doctor(): Promise<DoctorReport & { readonly exit: ExitCode }>;
  /**
   * Brings back flags that are gone at their provider, as they were last confirmed, and gives those it did. Wants a reason,
   * for a flag that is gone is off, which somebody may have wanted.
   */
  restoreFlags(options?: Change): Promise<readonly RestoredFlag[]>;
  plan(cohort?: string): Promise<PlanReport>;
  start(cohort: string, options?: Change): Promise<MoveReport>;
  flip(cohort: string, options?: Change): Promise<MoveReport>;
  complete(cohort: string, options?: Change): Promise<MoveReport>;
  rollback(cohorts: readonly string[] | 'all', options?: Change): Promise<MoveReport>;
  run(cohorts: readonly string[], options?: Partial<RunOptions>): Promise<MoveReport>;
  soak(cohorts: readonly string[], options?: Change): Promise<SoakReport>;
  verify(cohorts: readonly string[], options: VerifyOptions): Promise<VerifyReport>;
  pause(cohort: string, options?: Change): Promise<StatusReport>;
  resume(cohort: string, options?: Change): Promise<StatusReport>;
  status(cohorts: readonly string[]): Promise<StatusReport>;
  why(cohort: string): Promise<WhyReport>;
  diff(document: string, options: { readonly showContent: boolean }): Promise<DiffReport>;
  /** Open ones first; no content. */
  conflicts(): Promise<ConflictsReport>;
  /** One with its contents, block beside block. */
  conflict(id: string): Promise<ConflictReport>;
  resolveConflict(id: string, keep: Resolution, options?: Change): Promise<ResolveReport>;
  /** What can be recovered of a document; no content. */
  kept(document: string): Promise<KeptReport>;
  /** One kept version with its content. */
  recover(document: string, options: RecoverOptions): Promise<RecoverReport>;
  quarantine(): Promise<readonly Quarantined[]>;
  retryQuarantined(document: string | undefined, options?: Change): Promise<RetryReport>;
  journal(cohort: string | null): Promise<readonly JournalEntry[]>;
  verifyJournal(): Promise<ChainVerdict>;
  /** Writes a soak report to a file. */
  writeReport(report: SoakReport, kind: 'junit' | 'markdown' | 'json', path: string): Promise<void>;
  stopDatabase(options?: Change): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens a rollout. Reads no file and contacts no server before a call needs it. */
export async function openController(options: ControllerOptions): Promise<Controller> {
  let opened: Promise<{ loaded: LoadedConfig; opener: ReturnType<typeof openSession> }> | null = null;
  const open = () => {
    opened ??= loadConfig(options.config).then((loaded) => ({
      loaded,
      opener: openSession(loaded, {
        operator: options.operator,
        reason: options.reason,
        signal: options.signal ?? new AbortController().signal,
        note: options.note ?? (() => undefined),
        progress: options.progress ?? (() => undefined),
      }),
    }));
    return opened;
  };
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const database = (await opened?.catch(() => null))?.loaded.config.database;
      throw asDualpathError(
        error,
        database === undefined || database === 'embedded' ? {} : { url: database },
      );
    }
  };
  const changing = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    told(async () => work(await (await open()).opener.moving()));
  const judging = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    told(async () => work(await (await open()).opener.judging()));
  const looking = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    told(async () => work(await (await open()).opener.reading()));

  /** Foreseeing a change records nothing, not even the cohorts of the file. */
  const moving = <T>(
    how: Change | undefined,
    work: (session: Session, dryRun: boolean) => Promise<T>,
  ): Promise<T> =>
    how?.dryRun ? judging((session) => work(session, true)) : changing((session) => work(session, false));

  return {
    init: () => told(async () => init(await open())),
    initSql: () => told(async () => initSql(await open())),
    uninstall: (how) =>
      told(async () => removeInstallation(await open(), { all: how.all, dryRun: Boolean(how.dryRun) })),
    doctor: () => told(async () => open().then(({ loaded, opener }) => examine(loaded, opener))),
    restoreFlags: (how) => moving(how, (session, dryRun) => restoreFlags(session, { dryRun })),
    plan: (cohort) => looking((session) => plan(session, cohort)),
    start: (cohort, how) => moving(how, (session, dryRun) => move(session, cohort, 'start', dryRun)),
    flip: (cohort, how) => moving(how, (session, dryRun) => move(session, cohort, 'flip', dryRun)),
    complete: (cohort, how) => moving(how, (session, dryRun) => move(session, cohort, 'complete', dryRun)),
    rollback: (cohorts, how) => moving(how, (session, dryRun) => rollBack(session, cohorts, dryRun)),
    run: (cohorts, how) =>
      moving(how, (session, dryRun) =>
        run(session, cohorts, { watch: Boolean(how?.watch), dryRun, tell: how?.tell }),
      ),
    soak: (cohorts, how) => judging((session) => soak(session, cohorts, Boolean(how?.dryRun))),
    verify: (cohorts, how) => judging((session) => verifyCohorts(session, cohorts, how)),
    pause: (cohort, how) => moving(how, (session, dryRun) => setStatus(session, cohort, 'paused', dryRun)),
    resume: (cohort, how) => moving(how, (session, dryRun) => setStatus(session, cohort, 'running', dryRun)),
    status: (cohorts) =>
      looking(async (session) => {
        await requireKnown(session, cohorts);
        return statusOf(session, cohorts);
      }),
    why: (cohort) =>
      looking(async (session) => {
        await requireKnown(session, [cohort]);
        return why(session, cohort);
      }),
    diff: (document, how) => looking(({ pool, stores }) => diffDocument(pool, stores, document, how)),
    conflicts: () => looking(({ pool }) => listConflicts(pool)),
    conflict: (id) => looking(({ pool, stores }) => showConflict(pool, stores, id)),
    resolveConflict: (id, keep, how) =>
      moving(how, (session, dryRun) => resolveConflict(session, id, keep, dryRun)),
    kept: (document) => looking((session) => listKept(session, document)),
    recover: (document, how) => looking((session) => recover(session, document, how)),
    quarantine: () => looking(({ pool }) => listQuarantine(pool)),
    retryQuarantined: (document, how) =>
      moving(how, (session, dryRun) => retryQuarantined(session, document, dryRun)),
    journal: (cohort) =>
      looking(async (session) => {
        const entries = await collect(readJournal(session.pool, cohort));
        // One that is no longer in the file may have entries all the same.
        if (cohort !== null && entries.length === 0) requireCohorts(session, [cohort]);
        return entries;
      }),
    verifyJournal: () => looking(({ pool }) => verifyJournal(pool)),
    writeReport,
    stopDatabase: (how) => told(() => stopDatabase(options.config, Boolean(how?.dryRun))),
    close: async () => (await opened?.catch(() => null))?.opener.close(),
  };
}

async function stopDatabase(config: string, dryRun: boolean): Promise<boolean> {
  const directory = stateDirectoryOf(dirname(resolve(config)));
  return dryRun ? isEmbeddedRunning(directory) : stopEmbedded(directory);
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
