// Writes cohorts.schema.json from the zod schema, as built: run `npm run build` first.
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../dist/config/json-schema.js';

const target = new URL('../cohorts.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
