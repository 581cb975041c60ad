import { writeLegacyContent } from '../documents/legacy-write.ts';
import type { Stores } from '../documents/stores.ts';
import { keepVersions } from '../documents/updates.ts';
import { type Content, decodeState, writeLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Base, inferBase } from './base.ts';
import { type Met, type ReadChange, type Step, stepForward } from './forward-step.ts';
import { keepConflict } from './keep-conflict.ts';
import { planSave, reviewOf, type SavePlan } from './plan-save.ts';
import { numberedAlone } from './results.ts';

/**
 * Takes in a plain write of a document that was pushed to or merged before: its writer may have had any kept version
 * before it, so the base is inferred, and what came since is merged with it. The row then gets the result.
 */
export async function mergeRow(
  tx: Queryable,
  stores: Stores,
  change: ReadChange,
  state: Uint8Array,
): Promise<Step> {
  const { link, content } = change;
  const base = await inferBase(tx, stores, link, content);
  const head = decodeState(state, stores.shape);
  const plan = planSave(link, content, base, () => head);
  const target = targetOf(plan, head, content);
  const row = await mirrorBack(tx, stores, change, target);
  const met = await meet(tx, change, base, plan, head, target, row.fingerprint);
  return stepForward(stores, change, state, { target, revision: row.revision, met });
}

function targetOf(plan: SavePlan, head: Content, written: Content): Content {
  if (plan.kind === 'merged') return plan.merge.content;
  // The row was set to what an earlier version holds: whoever did it had that version before them, and changed nothing.
  return plan.kind === 'unchanged' ? head : written;
}

/** The row holds the result afterwards, unless the mirror has stopped: then it stays as it was written. */
async function mirrorBack(
  tx: Queryable,
  stores: Stores,
  { row, link, content }: ReadChange,
  target: Content,
): Promise<{ readonly revision: string | null; readonly fingerprint: Uint8Array | null }> {
  if (link.rowFingerprint !== null)
    return { revision: numberedAlone(stores, link, 1n), fingerprint: content.fingerprint };
  if (target.canonical === content.canonical) return { revision: row.revision, fingerprint: null };
  const written = await writeLegacyContent(tx, stores, row.id, writeLegacy(target));
  return { revision: written.revision, fingerprint: null };
}

async function meet(
  tx: Queryable,
  { row, link, content, cohort }: ReadChange,
  base: Base,
  plan: SavePlan,
  head: Content,
  target: Content,
  rowFingerprint: Uint8Array | null,
): Promise<Met> {
  const review =
    plan.kind === 'unchanged' && base.content !== null
      ? { class: 'needs-review' as const, reasons: ['went-back'] }
      : reviewOf(plan, base);
  const conflict = await keepConflict(tx, {
    document: link.id,
    cohort,
    origin: 'capture',
    device: null,
    ...review,
    base: { known: base.known, content: base.content },
    ours: head,
    theirs: content,
    result: target,
    version: String(BigInt(link.version) + 1n),
  });
  if (conflict === null && target.canonical !== content.canonical)
    await keepVersions(tx, [
      { id: link.id, content: row.content ?? '', legacyRevision: row.revision, source: 'capture' },
    ]);
  return { base, kind: plan.kind, class: review.class, conflict, rowFingerprint };
}
