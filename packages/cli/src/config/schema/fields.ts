import { kvTypeNames } from '@headway/engine/compute';
import { z } from 'zod';

import { parseKvTypes } from '../../options/compute-options.ts';
import { serveBounds } from '../../options/serve-bounds.ts';
import { parseThreads, type Threads } from '../../options/threads-option.ts';
import { byteSizePattern, parseByteSize } from './byte-size.ts';

/** A number with the bounds that its flag has, too. */
export function bounded(name: keyof typeof serveBounds) {
  const [least, most] = serveBounds[name];
  const message = `must be a whole number from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message);
}

/** A text that is not empty, such as a path. Control characters would garble logs and tables. */
export const line = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^\P{Cc}*$/u, 'must have no control characters; remove them');

export const bytes = z
  .union([z.number(), z.string().regex(byteSizePattern, sizeFault())])
  .transform((value, context) => {
    const size = parseByteSize(String(value));
    if (size !== null) return size;
    context.addIssue({ code: 'custom', message: sizeFault() });
    return z.NEVER;
  });

function sizeFault(): string {
  return 'must be a size like 8GB, 512MiB, or a number of bytes';
}

const [leastThreads, mostThreads] = serveBounds.threads;
const threadsFault = `must be a whole number from ${leastThreads} to ${mostThreads}, or two: "to write,to read"`;

/** As `--threads` takes them: `4`, or `"1,4"`. */
export const threads: z.ZodType<Threads, number | string> = z
  .union([z.number(), z.string().regex(/^\d{1,4}(,\d{1,4})?$/, threadsFault)])
  .transform((value, context) => readFlag(context, () => parseThreads(String(value)), threadsFault));

const kvTypeFault = `must be one of ${kvTypeNames.join(', ')}, or two: "keys,values"`;

/** As `--kv-type` takes them: `q8_0`, or `"q8_0,f16"`. */
export const kvType = z
  .string()
  .regex(new RegExp(`^(${kvTypeNames.join('|')})(,(${kvTypeNames.join('|')}))?$`), kvTypeFault)
  .transform((text, context) => readFlag(context, () => parseKvTypes(text), kvTypeFault));

const [leastLayers, mostLayers] = serveBounds.gpuLayers;
const layersFault = `must be a whole number from ${leastLayers} to ${mostLayers}, max or auto`;

export const gpuLayers = z.union([
  z.int(layersFault).min(leastLayers, layersFault).max(mostLayers, layersFault),
  z.enum(['max', 'auto'], layersFault),
]);

const [leastTtl, mostTtl] = serveBounds.ttl;
const ttlFault = `must be a whole number of seconds from ${leastTtl} to ${mostTtl}, or never`;

export const ttl = z.union([
  z.int(ttlFault).min(leastTtl, ttlFault).max(mostTtl, ttlFault),
  z.literal('never', ttlFault),
]);

/** Reads a value as its flag would. */
function readFlag<T>(context: z.RefinementCtx, read: () => T, fault: string): T {
  try {
    return read();
  } catch {
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  }
}
