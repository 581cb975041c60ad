import {
  type ConflictCounts,
  type ConflictRecord,
  countConflicts,
  readConflicts,
} from '../documents/conflict-records.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { sayBase, sayReason } from './conflict-reasons.ts';

/** A conflict without its contents. Times are ISO 8601. */
export interface ConflictLine {
  readonly id: string;
  readonly document: string;
  readonly cohort: string;
  readonly class: ConflictRecord['class'];
  /** Codes, and the same in plain words. */
  readonly reasons: readonly string[];
  readonly because: string;
  /** How what came came: a whole save, a device's push, a plain write found in the row. */
  readonly origin: ConflictRecord['origin'];
  readonly device: string | null;
  readonly at: string;
  /** How the base was known, and the same in plain words. */
  readonly baseKnown: string;
  readonly base: string;
  /** Null: it is open. */
  readonly resolved: { readonly at: string; readonly by: string; readonly keep: string } | null;
}

export interface ConflictsReport {
  /** Open ones first, `needs-review` and `quarantine` before `notice`, each the newest first. */
  readonly conflicts: readonly ConflictLine[];
  /** All there are, listed or not. */
  readonly counts: ConflictCounts;
}

/** More than anybody reads; the counts say how many there are. */
const MOST = 1_000;

export async function listConflicts(db: Queryable): Promise<ConflictsReport> {
  const [records, counts] = await Promise.all([readConflicts(db, MOST), countConflicts(db)]);
  return { conflicts: records.map(lineOf), counts };
}

export function lineOf(record: ConflictRecord): ConflictLine {
  const { id, document, cohort, reasons, origin, device, at, baseKnown } = record;
  return {
    id,
    document,
    cohort,
    class: record.class,
    reasons,
    because: reasons.map(sayReason).join('; '),
    origin,
    device,
    at: at.toISOString(),
    baseKnown,
    base: sayBase(baseKnown),
    resolved: resolvedOf(record),
  };
}

const resolvedOf = ({ resolvedAt, resolvedBy, resolution }: ConflictRecord): ConflictLine['resolved'] =>
  resolvedAt === null
    ? null
    : { at: resolvedAt.toISOString(), by: resolvedBy ?? '', keep: resolution ?? 'merged' };
