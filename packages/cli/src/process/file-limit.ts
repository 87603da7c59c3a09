import { readFileSync } from 'node:fs';

/** The files that the gateway itself may have open at once: its engine's, its logs, its keys, its page. */
export const ownFiles = 128;

/** The fewest open files with which the gateway starts; they leave it 128 connections. */
export const leastFiles = 2 * ownFiles;

/** How many files this process may have open; null where the system does not report it. */
export function openFilesLimit(): number | null {
  try {
    return softLimit(readFileSync('/proc/self/limits', 'utf8'));
  } catch (thrown) {
    // The limit leaves no file for reading it.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EMFILE' ? 0 : null;
  }
}

/** Reads `/proc/self/limits`, see https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html */
export function softLimit(limits: string): number | null {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? null : Number(soft);
}

/** Why the file limit is too low to start, with the remedy; null if it is high enough. */
export function fileLimitFault(limit: number | null): string | null {
  if (limit === null || limit >= leastFiles) return null;
  return (
    `this process may open ${limit} files, ${leastFiles - limit} too few: it needs ${leastFiles}; ` +
    `raise the limit (ulimit -n ${4 * leastFiles}, or LimitNOFILE of a service)`
  );
}

/** How many connections may be open, so that the gateway can always open its own files. */
export function connectionLimit(limit: number | null, asked: number): number {
  return limit === null ? asked : Math.max(1, Math.min(asked, limit - ownFiles));
}
