import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf, read } from './pages.ts';

/** The text of every source file below a folder. */
export const sourceText = (folder: string): string =>
  readdirSync(pathOf(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join(folder, name)))
    .join('\n');
