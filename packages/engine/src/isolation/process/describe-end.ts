import { HeadwayError } from '@headway/protocol';

import type { Hang } from './pulse.ts';

/** How a process ended. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** How the process hung, when this side killed it for that. */
  hang: Hang | null;
  /** The last lines it printed, the newest last. */
  output: readonly string[];
  /** Why it did not start, if it did not. */
  spawnError?: string;
}

/** Why the engine's process ended, as a continuation of the sentence "the engine …". */
export function describeEnd({ code, signal, hang, output, spawnError }: ProcessEnd): string {
  if (spawnError !== undefined) return `did not start (${spawnError})`;
  if (hang === 'silent') return 'stopped responding and was killed';
  if (hang === 'stuck') return 'made no progress and was killed';
  if (output.some((line) => /heap out of memory|bad_alloc|Cannot allocate memory/i.test(line)))
    return 'ran out of memory';
  if (signal === 'SIGKILL') return 'was killed (SIGKILL), probably because the system ran out of memory';
  if (signal !== null) return `crashed (${signal})`;
  // Node prints an error's name and message above its stack, and its own version below.
  const message =
    output.find((line) => /^\w*Error\b.*:/.test(line)) ?? output.findLast((line) => !/^(Node\.js v|\s)/.test(line));
  return `exited with code ${code}${message === undefined ? '' : ` (${message.trim()})`}`;
}

/** The error for generations and queries that end with the process. */
export function engineCrashed(end: ProcessEnd): HeadwayError {
  return new HeadwayError('engine-crashed', `the engine ${describeEnd(end)}; it is restarting; send the request again`);
}
