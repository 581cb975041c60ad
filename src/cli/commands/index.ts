import type { AddCommand } from './command.ts';
import { addComplete } from './complete.ts';
import { addConflicts } from './conflicts.ts';
import { addDatabase } from './database.ts';
import { addDemo } from './demo.ts';
import { addDiff } from './diff.ts';
import { addDoctor } from './doctor.ts';
import { addFlip } from './flip.ts';
import { addInit } from './init.ts';
import { addJournal } from './journal.ts';
import { addPause, addResume } from './pause.ts';
import { addPlan } from './plan.ts';
import { addQuarantine } from './quarantine.ts';
import { addRecover } from './recover.ts';
import { addRollback } from './rollback.ts';
import { addRun } from './run.ts';
import { addSoak } from './soak.ts';
import { addStart } from './start.ts';
import { addStatus } from './status.ts';
import { addUninstall } from './uninstall.ts';
import { addVerify } from './verify.ts';
import { addWhy } from './why.ts';

/** In the order a newcomer meets them; `--help` lists them so. */
export const commands: readonly AddCommand[] = [
  addDemo,
  addInit,
  addDoctor,
  addPlan,
  addStart,
  addSoak,
  addVerify,
  addFlip,
  addComplete,
  addRollback,
  addRun,
  addPause,
  addResume,
  addStatus,
  addWhy,
  addDiff,
  addRecover,
  addConflicts,
  addQuarantine,
  addJournal,
  addDatabase,
  addUninstall,
];
