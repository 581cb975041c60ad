import { z } from 'zod';
import { fileSchema } from './schema.ts';

/** The JSON Schema of cohorts.yaml, for editors; cohorts.schema.json is this, written by scripts/schema.js. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(fileSchema, { io: 'input' });
}
