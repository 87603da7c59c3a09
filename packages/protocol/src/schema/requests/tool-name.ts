import { z } from 'zod';

/** A tool's name in definitions and in calls: 1 to 128 of `A-Z a-z 0-9 _ -`. */
export const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, 'use 1 to 128 letters, digits, "_" or "-"');
