/**
 * What a document may be. Each limit is far above what people write and far below what breaks the programs that
 * would have to open the result, so a document past it is named and left alone instead of half moved.
 */

/**
 * Bytes of content, as UTF-8. The largest of about a thousand real documents measured has 0.45 MB; converting takes
 * some fifty times the content in memory, and an editor in a browser stalls well below this size.
 */
export const MAX_CONTENT_BYTES = 16 * 1024 * 1024;

/**
 * Nodes inside nodes. Editors and y-prosemirror walk a document by recursion, some four frames a level, and overflow
 * their stack near 2,000; HTML parsers stop at 512. The deepest real document measured nests 13.
 */
export const MAX_NODE_DEPTH = 256;

/** Objects and lists inside one attribute, embed or other value, which Yjs writes and reads by recursion. */
export const MAX_VALUE_DEPTH = 128;
