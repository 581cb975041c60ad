import { afterAll, afterEach } from 'vitest';
import { noteOutcome } from './database.ts';
import { endFile } from './file-end.ts';

// Run for each file of tests, before it is loaded: so these hooks come after its own.
afterEach(({ task }) => noteOutcome(task.result?.state === 'fail'));
afterAll(endFile);
