import type { Authority } from '../core/model.ts';
import {
  applyUpdate,
  type Content,
  clientIdsIn,
  decodeState,
  EMPTY_UPDATE,
  encodeChange,
  encodeSeed,
  mergeUpdates,
  newSince,
  type StateShape,
} from '../formats/index.ts';
import { equalBytes } from './compare.ts';

/** A linked document that differs, everything of it held. */
export interface Broken {
  readonly id: string;
  readonly shape: StateShape;
  readonly authority: Authority;
  readonly lineage: string;
  /** The legacy row's content and revision. */
  readonly content: Content;
  readonly revision: string;
  /** Fingerprint of the content that both sides were last linked to. */
  readonly linked: Uint8Array;
  /** The local-first row's bytes as they were found; null: it is gone. */
  readonly found: Uint8Array | null;
  /** Every raw update of this lineage, oldest first. */
  readonly log: readonly Uint8Array[];
}

/** How both sides become equal again, without losing what was found. */
export interface Mend {
  readonly lineage: string;
  readonly state: Uint8Array;
  /** What both sides hold then. */
  readonly content: Content;
  /** To be appended to the log, in this order; the last one links `content`. */
  readonly updates: readonly { readonly payload: Uint8Array; readonly origin: 'seed' | 'repair' }[];
  /** The legacy row is to be written: the local-first side is right. */
  readonly mirror: boolean;
  /** What was found is in neither the log nor the state, and is to be kept as a version. */
  readonly keepFound: boolean;
}

/**
 * Decides how to mend a document; pure.
 *
 * The log is the reference, for every byte in it was accepted. A state that is the log and more grew by another
 * program's writing: it is taken over, what is new in it joins the log, and a forward change does the rest, so that
 * devices which hold it converge. Any other state (damaged, doubled, another document's) is put aside and rebuilt from
 * the log: Yjs would merge its structs with ours in silence. Where the log cannot be read either, a new lineage is
 * seeded, which the old one's updates cannot reach.
 *
 * A side that nobody touched since they were linked gives way to the other, whoever has authority: a save into the
 * legacy row is somebody's newest words, and bytes that were lost beside it are no answer to it. Authority decides where both moved.
 *
 * @throws UnconvertibleError where the content cannot be kept exactly
 */
export function planMend(broken: Broken): Mend {
  const { shape, content, found } = broken;
  const logged = attempt(() => applyUpdate(mergeUpdates(broken.log), EMPTY_UPDATE));
  const grown = logged && found ? grownFrom(logged, found, shape) : null;
  const head = grown?.state ?? logged;
  const headContent = head && attempt(() => decodeState(head, shape));
  if (!head || !headContent) return seedAgain(broken);
  const target = isRight(headContent, broken) ? headContent : content;
  const updates = grown && grown.added.length > EMPTY_UPDATE.length ? [repair(grown.added)] : [];
  const rest = {
    lineage: broken.lineage,
    content: target,
    mirror: target.canonical !== content.canonical,
    keepFound: found !== null && grown === null,
  };
  if (headContent.canonical === target.canonical) return { ...rest, state: head, updates };
  const identity = { ...identityOf(broken, broken.lineage), purpose: 'repair' as const };
  const change = encodeChange(head, target, shape, identity);
  return { ...rest, state: applyUpdate(head, change), updates: [...updates, repair(change)] };
}

/** Whether the local-first content is what both sides become. */
function isRight(head: Content, { authority, content, linked }: Broken): boolean {
  const rowAloneMoved = equalBytes(head.fingerprint, linked) && !equalBytes(content.fingerprint, linked);
  return authority === 'local-first' && !rowAloneMoved;
}

const repair = (payload: Uint8Array) => ({ payload, origin: 'repair' as const });

/**
 * What was found, if it is exactly the log's state with more on top; else null. Rebuilding it from the log and what is
 * new in it tells: Yjs itself looks at clocks only, and would take a changed struct for the one it knows. A second seed is
 * no growth but the document once more.
 */
function grownFrom(
  logged: Uint8Array,
  found: Uint8Array,
  shape: StateShape,
): { readonly state: Uint8Array; readonly added: Uint8Array } | null {
  return attempt(() => {
    const state = applyUpdate(found, EMPTY_UPDATE);
    if (clientIdsIn(state).size > clientIdsIn(logged).size) return null;
    const added = equalBytes(state, logged) ? EMPTY_UPDATE : newSince(state, logged);
    decodeState(state, shape);
    return equalBytes(applyUpdate(logged, added), state) ? { state, added } : null;
  });
}

/** The row's content under a new lineage; the local-first side's, where it is right and can be read. */
function seedAgain(broken: Broken): Mend {
  const { shape, found } = broken;
  const readable = found && attempt(() => decodeState(found, shape));
  const content = readable && isRight(readable, broken) ? readable : broken.content;
  const lineage = String(BigInt(broken.lineage) + 1n);
  const state = encodeSeed(content, shape, identityOf(broken, lineage));
  return {
    lineage,
    state,
    content,
    updates: [{ payload: state, origin: 'seed' }],
    mirror: content.canonical !== broken.content.canonical,
    keepFound: found !== null,
  };
}

const identityOf = ({ id, revision }: Broken, lineage: string) => ({ documentId: id, lineage, revision });

/** Null for bytes that cannot be read. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
