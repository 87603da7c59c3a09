import { z } from 'zod';

/** A schema that tries `other` first and reads the value by `schema` where `other` returns null. */
export function readOr<Other extends object, Schema extends z.ZodType>(
  other: (value: unknown) => Other | null,
  schema: Schema,
) {
  return z.unknown().transform((value, context): z.output<Schema> | Other => {
    const found = other(value);
    if (found) return found;
    const read = schema.safeParse(value);
    if (read.success) return read.data;
    for (const issue of read.error.issues) context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
}
