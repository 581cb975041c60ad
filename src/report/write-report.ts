import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { toJunit } from './junit.ts';
import { makeFolder } from './make-folder.ts';
import { toMarkdown } from './markdown.ts';
import type { SoakReport } from './reports.ts';

const FORMS = {
  junit: toJunit,
  markdown: toMarkdown,
  json: (report: SoakReport) => `${JSON.stringify(report, null, 2)}\n`,
};

/** @throws UsageError `report-file` when the file cannot be written. */
export async function writeReport(report: SoakReport, kind: keyof typeof FORMS, path: string): Promise<void> {
  try {
    await makeFolder(dirname(resolve(path)));
    await writeFile(path, FORMS[kind](report));
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UsageError(
      'report-file',
      `The report ${path} could not be written (${why}).`,
      'Name a file in a folder that you may write.',
      {
        path,
      },
    );
  }
}
