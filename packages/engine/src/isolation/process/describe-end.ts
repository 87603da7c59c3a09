import { HeadwayError } from '@headway/protocol';

import type { Hang } from './pulse.ts';

/** How a process ended. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why it was ended from here, if it was. */
  hang: Hang | null;
  /** The last lines it printed, the last one last. */
  output: readonly string[];
  /** Why it could not be started, if it could not. */
  unstarted?: string;
}

/** Why the engine's process ended, in words that go on from "the engine". */
export function describeEnd({ code, signal, hang, output, unstarted }: ProcessEnd): string {
  if (unstarted !== undefined) return `could not be started (${unstarted})`;
  if (hang === 'silent') return 'did not answer any more and was ended';
  if (hang === 'stuck') return 'got no further with its work and was ended';
  if (output.some((line) => /heap out of memory|bad_alloc|Cannot allocate memory/i.test(line)))
    return 'ran out of memory';
  if (signal === 'SIGKILL') return 'was killed (SIGKILL), as a system does that has no memory left';
  if (signal !== null) return `crashed (${signal})`;
  // Node prints an error's name and message above its stack, and its own version below.
  const said =
    output.find((line) => /^\w*Error\b.*:/.test(line)) ?? output.findLast((line) => !/^(Node\.js v|\s)/.test(line));
  return `ended by itself (exit code ${code}${said === undefined ? '' : `: ${said.trim()}`})`;
}

/** What those hear who lose something by it. */
export function engineCrashed(end: ProcessEnd): HeadwayError {
  return new HeadwayError(
    'engine-crashed',
    `the engine ${describeEnd(end)}; it is started again, send the request again`,
  );
}
