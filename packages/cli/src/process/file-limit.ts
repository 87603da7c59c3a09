import { readFileSync } from 'node:fs';

/** Files and connections that the gateway itself may have open at once: its engine's, its logs, keys, the page. */
export const ownFiles = 128;

/** With fewer than so many it does not start: they leave it 128 connections. */
export const leastFiles = 2 * ownFiles;

/** How many files a process may have open; null where the system does not say. */
export function openFilesLimit(): number | null {
  try {
    return softLimit(readFileSync('/proc/self/limits', 'utf8'));
  } catch (thrown) {
    // Where not even that one can be opened.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EMFILE' ? 0 : null;
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html */
export function softLimit(limits: string): number | null {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? null : Number(soft);
}

/** What there is too little of to start, and how to have more; null when there is enough. */
export function whatIsMissing(limit: number | null): string | null {
  if (limit === null || limit >= leastFiles) return null;
  return (
    `this process may open ${limit} files, ${leastFiles - limit} too few: it needs ${leastFiles}; ` +
    `raise the limit (ulimit -n ${4 * leastFiles}, or LimitNOFILE of a service)`
  );
}

/** Connections that may be open, so that the gateway's own files are never refused. */
export function connectionsWithin(limit: number | null, asked: number): number {
  return limit === null ? asked : Math.max(1, Math.min(asked, limit - ownFiles));
}
