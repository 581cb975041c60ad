import type { LegacyRow } from '../documents/legacy.ts';
import type { Link } from '../documents/links.ts';
import type { Held } from '../documents/quarantine.ts';
import type { Stores } from '../documents/stores.ts';
import type { KeptVersion, Origin } from '../documents/updates.ts';
import { type Content, changeState } from '../formats/index.ts';
import type { Base } from './base.ts';
import type { SavePlan } from './plan-save.ts';
import type { Refusal } from './seed.ts';

/** A linked document whose row is there, everything of it held. */
export interface Change {
  readonly row: LegacyRow;
  readonly link: Link;
  readonly held: Held | null;
  /** Where it belongs now. */
  readonly cohort: string;
  /** It starts a new lineage: fresh seed, nothing of the earlier life. */
  readonly reborn: boolean;
}

export interface ReadChange extends Change {
  readonly content: Content;
}

/** The update that leads from a head to a content, and the state after it. */
export interface Step {
  readonly change: ReadChange;
  readonly origin: Origin;
  readonly update: Uint8Array;
  readonly state: Uint8Array;
  readonly lineage: string;
  /** What the document is afterwards; the row's content, unless it was merged with the head. */
  readonly target: Content;
  /** The application's number of it. */
  readonly revision: string | null;
  /** How it was met where the head was not what the writer had before it. */
  readonly met: Met | null;
}

/** What is known of a write that was found in a row. */
export interface Met {
  readonly base: Pick<Base, 'known' | 'version'>;
  readonly kind: SavePlan['kind'];
  readonly class: string;
  readonly conflict: string | null;
  /** What the row holds, where the mirror has stopped. */
  readonly rowFingerprint: Uint8Array | null;
}

export interface Refused {
  readonly change: Change;
  readonly refusal: Refusal;
  /** Contents that stand nowhere else once the row changes again. */
  readonly kept: readonly KeptVersion[];
}

export interface Found {
  readonly change: ReadChange;
  readonly state: Uint8Array | null;
}

/** The smallest change that leads to a content. */
export function stepForward(
  stores: Stores,
  change: ReadChange,
  state: Uint8Array,
  to: Pick<Step, 'target' | 'revision' | 'met'>,
): Step {
  const { row, link } = change;
  const { update, state: after } = changeState(state, to.target, stores.shape, {
    documentId: row.id,
    lineage: link.lineage,
    revision: to.revision ?? '',
    purpose: 'capture',
  });
  return { change, origin: 'capture', update, state: after, lineage: link.lineage, ...to };
}
