import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { giveToOwnerOf } from './account.ts';

/** The server's log grows by restarts and errors alone; this is years of them, or one loop worth cutting off. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

export interface Log {
  /** For a child to write to: the account it runs as needs no right on the file. */
  readonly fd: number;
  /** What was written since it was opened, at most its last 64 KiB. */
  text(): string;
  close(): void;
}

export function openLog(folder: { readonly directory: string; readonly log: string }): Log {
  if ((statSync(folder.log, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) {
    renameSync(folder.log, `${folder.log}.1`);
  }
  const fd = openSync(folder.log, 'a+', 0o600);
  giveToOwnerOf(folder.directory, folder.log);
  const from = fstatSync(fd).size;
  return { fd, text: () => readFrom(fd, from), close: () => closeSync(fd) };
}

/** The line that says why, for a sentence: the first FATAL, PANIC or error, else the last one written. */
export function reasonIn(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((each) => /\b(?:FATAL|PANIC):|\berror:/.test(each)) ?? lines.at(-1);
  return line === undefined
    ? 'it said nothing.'
    : `${line.replace(/^.*?\b(?:FATAL|PANIC|error): +/, '').replace(/\.$/, '')}.`;
}

function readFrom(fd: number, from: number): string {
  const size = fstatSync(fd).size;
  const start = Math.max(from, size - 65_536);
  const buffer = Buffer.alloc(Math.max(0, size - start));
  return buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, start));
}
