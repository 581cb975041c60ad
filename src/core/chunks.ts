/** Bounds of a piece of work: documents and stored bytes. A single larger document is a piece of its own. */
export interface Bounds {
  readonly documents: number;
  readonly bytes: number;
}

/**
 * A chunk is what a line of the ledger stands for: some seconds of work, so that a resume looks again at little, and a
 * million documents are five hundred lines.
 */
export const CHUNK: Bounds = { documents: 2_000, bytes: 32 * 1024 * 1024 };

/**
 * A page is what is in memory at once in each lane, and what one transaction holds locked: a few tens of milliseconds of
 * writing. Stored bytes grow three- to fivefold as text and again as objects.
 */
export const PAGE: Bounds = { documents: 200, bytes: 512 * 1024 };

export interface Sized {
  readonly id: string;
  readonly bytes: number;
}

/** Cuts a list into pages within the bounds, in order, none empty. */
export function pagesOf(items: readonly Sized[], bounds: Bounds): readonly (readonly string[])[] {
  const pages: string[][] = [];
  let page: string[] = [];
  let bytes = 0;
  for (const item of items) {
    if (page.length > 0 && (page.length >= bounds.documents || bytes + item.bytes > bounds.bytes)) {
      pages.push(page);
      page = [];
      bytes = 0;
    }
    page.push(item.id);
    bytes += item.bytes;
  }
  return page.length > 0 ? [...pages, page] : pages;
}

/** Both halves of a page that could not be written whole; a page of one has no halves. */
export function halves<T>(page: readonly T[]): readonly [readonly T[], readonly T[]] | null {
  if (page.length < 2) return null;
  const middle = Math.ceil(page.length / 2);
  return [page.slice(0, middle), page.slice(middle)];
}
