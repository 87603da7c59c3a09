import { z } from 'zod';

import { configSchema } from './config-schema.ts';

/** The JSON schema of a config file, as people write it. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
