import { readFileSync } from 'node:fs';

import { createIsolatedEngine, type IsolatedEngineOptions } from './create-isolated-engine.ts';
import type { FaultyOptions } from './faulty-backend.fixture.ts';
import type { ProcessNews } from './process/process-supervisor.ts';

/** Node flags with which a process runs the TypeScript sources. */
export const runTypeScript = ['--import', import.meta.resolve('tsx'), '--conditions=@headway/source'];

export function faultyBackend(options: FaultyOptions = {}) {
  return { module: new URL('./faulty-backend.fixture.ts', import.meta.url).href, options };
}

/** An isolated engine with the news of its process. */
export async function openIsolated(options: Partial<IsolatedEngineOptions> = {}) {
  const news: ProcessNews[] = [];
  const engine = await createIsolatedEngine({
    backend: faultyBackend(),
    execArgv: runTypeScript,
    onProcess: (one) => news.push(one),
    ...options,
  });
  const pid = () => {
    const started = news.findLast((one) => one.type === 'started');
    if (started?.pid === undefined) throw new Error('no process was started');
    return started.pid;
  };
  return { engine, news, pid, [Symbol.asyncDispose]: () => engine.close() };
}

/** Whether a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
