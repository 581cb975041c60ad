import * as Y from 'yjs';
import { misplacedItem } from './belongs.ts';
import type { StateShape } from './client-id.ts';
import { openUpdates } from './yjs-state.ts';

/**
 * How many constructs a Yjs V1 state holds that its legacy format has no place for, so that no mirror can carry them:
 * another root with something in it (an editor's comments, a title of its own), an embed inside text, a value where a
 * node belongs. What is nested in one is part of it; what was deleted counts no more.
 * @throws UndecodableError `state-corrupt` or `state-incomplete`
 */
export function countUnmirrored(state: Uint8Array, shape: StateShape): number {
  const doc = openUpdates(state);
  let count = 0;
  for (const root of doc.share.values()) count += inRoot(root, shape);
  return count;
}

type AnyType = Y.Doc['share'] extends ReadonlyMap<string, infer T> ? T : never;

/** Of a root that the config does not name, all that it holds is one construct: its kind is the application's affair. */
function inRoot(root: AnyType, shape: StateShape): number {
  for (const item of liveItems(root)) if (misplacedItem(item, shape)?.code === 'wrong-root') return 1;
  return inType(root, shape);
}

function inType(root: AnyType, shape: StateShape): number {
  let count = 0;
  const open = [root];
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    for (const item of liveItems(type)) {
      if (endsFormat(item)) continue;
      if (misplacedItem(item, shape) !== null) count += 1;
      else if (item.content instanceof Y.ContentType) open.push(item.content.type);
    }
  }
  return count;
}

/** Its beginning is counted. */
const endsFormat = ({ content }: Y.Item): boolean =>
  content instanceof Y.ContentFormat && content.value === null;

function* liveItems(type: AnyType): Generator<Y.Item> {
  for (let item = type._start; item !== null; item = item.right) if (!item.deleted) yield item;
  for (const item of type._map.values()) if (!item.deleted) yield item;
}
