import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { DualpathError, UsageError } from '../errors.ts';
import { RESTORE } from './drift.ts';
import type { ClientDocument } from './unleash-sdk.ts';

export interface FlagsFile {
  readonly document: ClientDocument;
  /** ISO 8601. */
  readonly changedAt: string;
}

const Strategy = z.looseObject({
  name: z.string(),
  title: z.string().nullish(),
  disabled: z.boolean().nullish(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  constraints: z.array(z.record(z.string(), z.unknown())).optional(),
  segments: z.array(z.unknown()).optional(),
  variants: z.array(z.unknown()).optional(),
});

const Document = z.looseObject({
  version: z.number(),
  features: z.array(
    z.looseObject({
      name: z.string(),
      enabled: z.boolean(),
      strategies: z.array(Strategy).optional(),
      dependencies: z.array(z.looseObject({ feature: z.string() })).optional(),
    }),
  ),
  segments: z.array(z.unknown()).optional(),
});

/** Null when there is no file. @throws UsageError when it is not an Unleash client document. */
export async function readFlagsFile(path: string): Promise<FlagsFile | null> {
  let text: string;
  let changedAt: string;
  try {
    [text, { changedAt }] = await Promise.all([
      readFile(path, 'utf8'),
      stat(path).then(({ mtime }) => ({ changedAt: mtime.toISOString() })),
    ]);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unusable(path, `cannot be read (${codeOf(error) ?? 'unknown reason'})`, 'Check flags.path.');
  }
  return { document: parse(path, text), changedAt };
}

/**
 * Written beside the file, flushed, and renamed over it: a crash leaves the old file or the new one. A link keeps
 * pointing where it did, and the file keeps its mode.
 */
export async function writeFlagsFile(path: string, document: ClientDocument): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    const mode = await stat(target).then(
      (found) => found.mode & 0o777,
      () => 0o644,
    );
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(`${JSON.stringify(document, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof DualpathError) throw error;
    throw unusable(
      path,
      `cannot be written (${codeOf(error) ?? 'unknown reason'})`,
      'Make its folder exist and be writable, or change flags.path.',
    );
  }
}

function parse(path: string, text: string): ClientDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable(path, 'is not JSON', REMEDY);
  }
  const { data, error } = Document.safeParse(value);
  const first = error?.issues[0];
  if (data === undefined)
    throw unusable(
      path,
      `is not an Unleash client document: ${first?.path.join('.') || 'it'}: ${first?.message ?? 'wrong'}`,
      REMEDY,
    );
  return data;
}

const REMEDY = `Mend it or restore it from a backup. Where neither can be done delete it, and have both flags written anew: ${RESTORE}.`;

function unusable(path: string, why: string, remedy: string): UsageError {
  return new UsageError('flags-file', `The flags file ${path} ${why}.`, remedy, { path });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
