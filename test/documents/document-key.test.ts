import { expect, test } from 'vitest';
import { documentKey, isLongKey, LONGEST_ID_BYTES } from '../../src/documents/document-key.ts';
import type { Column } from '../../src/documents/inspect-table.ts';
import { canBeId } from '../../src/documents/supported-types.ts';

test.each(['', 'a', ' ', '…sha256:', 'é'.repeat(LONGEST_ID_BYTES / 2)])('a short id is its own key', (id) => {
  expect(documentKey(id)).toBe(id);
  expect(isLongKey(id)).toBe(false);
});

test.each(['x'.repeat(LONGEST_ID_BYTES + 1), '😀'.repeat(2_500)])('a long id has a key that fits', (id) => {
  const key = documentKey(id);
  expect(isLongKey(key)).toBe(true);
  expect(Buffer.byteLength(key)).toBeLessThan(LONGEST_ID_BYTES);
  expect(documentKey(key)).toBe(key);
  expect(key).not.toBe(documentKey(`${id}!`));
});

test('an id is looked for only where the column could hold it', () => {
  const column = (type: string): Column => ({
    name: 'id',
    quoted: '"id"',
    type,
    declared: type,
    notNull: true,
    hasDefault: false,
    unique: true,
  });
  expect(canBeId(column('int2'), '32767')).toBe(true);
  expect(canBeId(column('int2'), '32768')).toBe(false);
  expect(canBeId(column('int8'), '-9223372036854775808')).toBe(true);
  expect(canBeId(column('int4'), '1 or 1=1')).toBe(false);
  expect(canBeId(column('uuid'), '00000000-0000-4000-8000-000000000001')).toBe(true);
  expect(canBeId(column('uuid'), 'x')).toBe(false);
  expect(canBeId(column('text'), 'a\u0000b')).toBe(false);
});
