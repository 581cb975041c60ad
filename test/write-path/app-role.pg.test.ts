import { expect, test } from 'vitest';
import { openDocumentStore } from '../../src/index.ts';
import { configObject } from '../documents/tables.ts';
import { Device, paragraphs } from '../support/device.ts';
import { createRole } from '../support/roles.ts';
import { openStore } from './store.ts';

test('the editor’s server needs no right but those of dualpath_app', async () => {
  const store = await openStore();
  for (const id of ['a', 'b', 'c']) await store.insert(id, 'one two three');
  const { pool } = await createRole(store.database, ['dualpath_app']);
  const documents = await openDocumentStore({ config: configObject({}), pool });
  const { revision } = await documents.load({ id: 'a', deviceId: 'desk' });
  await documents.save({ id: 'a', content: paragraphs('zero one two three'), baseRevision: revision ?? 0 });
  const merged = await documents.save({
    id: 'a',
    content: paragraphs('one two three four'),
    baseRevision: revision ?? 0,
    deviceId: 'desk',
    saveId: 's',
  });
  expect(merged.outcome).toBe('merged');
  const device = await Device.open(documents, 'a', 'phone');
  device.append('pushed');
  expect((await device.push()).outcome).toBe('applied');
  // What a person will look at, what is refused and what was written past the library need no more.
  expect((await documents.save({ id: 'b', content: paragraphs('utterly else') })).outcome).toBe('overwrote');
  const alone = new Device(documents, 'b', 'tablet');
  alone.append('filled by itself');
  expect((await alone.push()).outcome).toBe('quarantined');
  await store.write('a', 'zero one two three four', 'pushed', 'plain');
  await documents.heartbeat({ id: 'a', deviceId: 'phone', head: 1, acknowledged: 1 });
  expect(await documents.pathFor({ id: 'a', user: 'u-1' })).toBe('legacy');
  await device.pull();
  expect(await store.texts('a')).toEqual(['zero one two three four', 'pushed', 'plain']);
  const broken = { id: 'c', content: { type: 'doc', content: 7 } };
  expect((await documents.save(broken)).outcome).toBe('quarantined');
});
