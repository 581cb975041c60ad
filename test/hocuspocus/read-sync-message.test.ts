import { IncomingMessage, MessageType, OutgoingMessage } from '@hocuspocus/server';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { RejectedUpdateError } from '../../src/formats/index.ts';
import { readSyncMessage } from '../../src/hocuspocus/read-sync-message.ts';

const message = (write: (out: OutgoingMessage) => OutgoingMessage) =>
  write(new OutgoingMessage('a document, ünïcode')).toUint8Array();
const update = new Uint8Array([0, 0]);

describe('a message of a provider', () => {
  test('that brings the change just made is read to its bytes, also out of a buffer of the socket', () => {
    const bytes = message((out) => out.createSyncMessage().writeUpdate(update));
    const read = { kind: 'brings', update, all: false };
    expect(readSyncMessage(bytes)).toEqual(read);
    const inBuffer = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([4])]).subarray(3, -1);
    const fromBuffer = readSyncMessage(inBuffer);
    expect(fromBuffer.kind === 'brings' && [...fromBuffer.update]).toEqual([...update]);
  });

  test('that asks for what it lacks is known by its state vector', () => {
    const doc = new Y.Doc();
    doc.getText('default').insert(0, 'one');
    const bytes = message((out) => out.createSyncMessage().writeFirstSyncStepFor(doc as never));
    expect(readSyncMessage(bytes)).toEqual({ kind: 'asks', stateVector: Y.encodeStateVector(doc) });
  });

  test('of another sort is none of ours', () => {
    expect(readSyncMessage(message((out) => out.writeQueryAwareness()))).toEqual({ kind: 'other' });
    expect(readSyncMessage(message((out) => out.writeStateless('text')))).toEqual({ kind: 'other' });
  });

  test('that is cut off is rejected', () => {
    const bytes = message((out) => out.createSyncMessage().writeUpdate(update));
    expect(() => readSyncMessage(bytes.subarray(0, -1))).toThrow(RejectedUpdateError);
  });

  test('is framed as the installed Hocuspocus frames it', () => {
    const incoming = new IncomingMessage(message((out) => out.createSyncMessage().writeUpdate(update)));
    expect(incoming.readVarString()).toBe('a document, ünïcode');
    expect(incoming.readVarUint()).toBe(MessageType.Sync);
  });
});
