import type { JsonObject } from '../json.ts';
import type { Shell } from './flat.ts';
import { typeOf } from './kinds.ts';
import { type Matches, NOWHERE } from './match-side.ts';
import type { Nesting, Source } from './nesting.ts';
import { startOf } from './stream.ts';
import type { Structure } from './structure.ts';

/** Where a block goes: the boxes around it, outermost first, and the node it becomes. */
export interface Place {
  readonly boxes: readonly { readonly box: number; readonly shell: Shell }[];
  readonly shell: Shell;
}

/**
 * Two changes that each keep a document in order can together put a node where none was seen: an item of a list that is
 * now one of tasks. Such a box takes the type seen there, or is left, or the block moves up to where it may stand.
 */
export function placeOf(
  boxes: readonly number[],
  nesting: Nesting,
  source: Source,
  inline: readonly JsonObject[],
  top: Shell,
  matches: Matches,
  structure: Structure,
): Place {
  const shell = shellFor(nesting.shellOf(source), source, inline, matches, structure);
  const path: { box: number; shell: Shell }[] = [];
  const last = () => path.at(-1)?.shell.type ?? top.type;
  boxes.forEach((box, index) => {
    const own = nesting.boxes[box]?.shell;
    if (own === undefined) return;
    const inside = nesting.boxes[boxes[index + 1] ?? NOWHERE]?.shell.type ?? shell.type;
    const fitting = structure.allows(last(), own.type) ? own : structure.between(last(), inside);
    if (fitting !== undefined) path.push({ box, shell: fitting });
    else if (climb(path, own.type, top.type, structure)) path.push({ box, shell: own });
  });
  if (structure.allows(last(), shell.type) || climb(path, shell.type, top.type, structure)) {
    return { boxes: path, shell };
  }
  const type = inline.length > 0 ? structure.holdingIn(last(), new Set(inline.map(typeOf))) : undefined;
  return { boxes: path, shell: type === undefined ? shell : { type, attrs: {}, extra: {} } };
}

/** Leaves boxes until the type may stand there; changes nothing if it may nowhere. */
function climb(path: { shell: Shell }[], type: string, top: string, structure: Structure): boolean {
  for (let depth = path.length; depth >= 0; depth--) {
    if (!structure.allows(path[depth - 1]?.shell.type ?? top, type)) continue;
    path.length = depth;
    return true;
  }
  return false;
}

/** The merged type if such a node holds this content somewhere; else the type that the block has in a document. */
function shellFor(
  merged: Shell,
  source: Source,
  inline: readonly JsonObject[],
  matches: Matches,
  structure: Structure,
): Shell {
  const types = new Set(inline.map(typeOf));
  const fits = ({ type }: Shell) => [...types].every((child) => structure.allows(type, child));
  if (fits(merged)) return merged;
  const known = shellsOf(source, matches).find(fits);
  if (known !== undefined) return known;
  // Text of one side was joined with a picture of the other, in a block that holds no pictures.
  const type = structure.holding(types);
  return type === undefined ? merged : { type, attrs: {}, extra: {} };
}

function shellsOf({ of, block }: Source, matches: Matches): readonly Shell[] {
  if (of !== 'base') return [matches[of].flat.blocks[block]?.shell].filter((shell) => shell !== undefined);
  const start = startOf(matches.stream, block);
  const on = ({ flat, stream, toSide }: Matches['ours']) =>
    flat.blocks[stream.blockOf[toSide[start] ?? NOWHERE] ?? NOWHERE]?.shell;
  return [on(matches.ours), on(matches.theirs), matches.base.blocks[block]?.shell].filter(
    (shell) => shell !== undefined,
  );
}
