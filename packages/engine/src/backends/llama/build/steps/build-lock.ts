import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';

interface Holder {
  pid: number;
  host: string;
}

/**
 * Takes the lock file, so that two builds do not write into one folder. The lock of a process that has ended is taken
 * over.
 *
 * @throws Error when another process holds it
 */
export async function takeLock(path: string): Promise<AsyncDisposable> {
  const me: Holder = { pid: process.pid, host: hostname() };
  for (let tries = 0; ; tries++) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(JSON.stringify(me));
      await file.close();
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
    }
    const holder = readHolder(await readFile(path, 'utf8').catch(() => ''));
    if (tries > 0 || (holder && !hasEnded(holder, me))) {
      const who = holder ? `process ${holder.pid}${holder.host === me.host ? '' : ` on ${holder.host}`}` : 'a process';
      throw new Error(`another headway build runs (${who}); wait for it, or remove ${path} if it does not`);
    }
    await rm(path, { force: true });
  }
}

function readHolder(text: string): Holder | null {
  try {
    const { pid, host } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : null;
  } catch {
    return null;
  }
}

function hasEnded(holder: Holder, { host }: Holder): boolean {
  if (holder.host !== host) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (thrown) {
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM');
  }
}
