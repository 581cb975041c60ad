import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wantedStrategies } from '../../src/core/flag-plan.ts';
import type { Gate, GateName } from '../../src/core/gates.ts';
import { openFlags } from '../../src/flags/open.ts';
import type { FlagPort } from '../../src/flags/port.ts';
import { type RoundContext, type RoundResult, round } from '../../src/soak/round.ts';
import type { School } from '../backfill/school.ts';
import { atFileEnd } from '../support/file-end.ts';
import { flagConfig } from '../support/flag-config.ts';
import { COHORT } from '../verify/school.ts';

/** Little is asked of the cohort, so that each test sees the gate it is about. */
export const SOAK_CONFIG = `version: 1
database: embedded
documents: {}
users: { attributes: { school: school_id } }
flags: { provider: file }
soak: { duration: 1h, min_observations: 3, max_mismatch_rate: 0.9, max_evidence_age: 1h }
cohorts:
  - { name: ${COHORT}, everyone: true }
`;

export const SEED = 20_261_123;

export const roundOf = (
  { pool, stores }: Pick<School, 'pool' | 'stores'>,
  context: Partial<RoundContext> = {},
): Promise<RoundResult> => round(pool, stores, COHORT, { flags: null, sampleSeed: SEED, ...context });

export function gateOf(result: { readonly gates: readonly Gate[] }, name: GateName): Gate {
  const gate = result.gates.find(({ gate: each }) => each === name);
  if (!gate) throw new Error(`no gate ${name}`);
  return gate;
}

const folders: string[] = [];
atFileEnd(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Flags in a file, as a soaking cohort has them: dual_write on, default off. */
export async function soakingFlags(school: School): Promise<FlagPort> {
  const folder = mkdtempSync(join(tmpdir(), 'dualpath-soak-'));
  folders.push(folder);
  const flags = openFlags(flagConfig({ provider: 'file', path: 'flags.json' }), { baseFolder: folder });
  await flags.prepare(['school']);
  await flags.apply('dual_write', wantedStrategies(school.stores.config.cohorts, new Set([COHORT])));
  return flags;
}
