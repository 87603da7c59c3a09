import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { dialects } from './dialects/dialects.ts';
import { UpstreamServer } from './serving/upstream-server.ts';
import type { PingMessage, ScriptMessage, UpstreamNews, UpstreamScript } from './upstream-script.ts';

/** What runs the server of an upstream. */
export interface UpstreamHost {
  pid: number;
  send(message: ScriptMessage | PingMessage): void;
  /** Ends it at once. */
  kill(): void;
  /** Stops it, and resolves once it has stopped. */
  stop(): Promise<void>;
  resume(): void;
  /** Resolves with what it printed, once it has ended. */
  exited: Promise<string>;
}

/** A process of its own. */
export function forkHost(script: UpstreamScript, port: number, onNews: (news: UpstreamNews) => void): UpstreamHost {
  const child = fork(new URL('./upstream-process.ts', import.meta.url), [String(port)], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.on('message', onNews);
  const send = (message: ScriptMessage | PingMessage) => child.connected && child.send(message);
  send({ type: 'script', script });
  return {
    pid: child.pid ?? 0,
    send,
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGSTOP');
      while (!isStopped(child.pid ?? 0)) await sleep(1);
    },
    resume: () => void child.kill('SIGCONT'),
    exited: once(child, 'exit').then(() => stderr),
  };
}

/** Whether a process is stopped, on systems that tell. */
function isStopped(pid: number): boolean {
  try {
    return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

const noProcess = 'an upstream without a process of its own cannot be stopped: leave out `ownProcess: false`';

/** This process, which starts much sooner, and cannot be stopped. Killing it breaks its connections. */
export function localHost(script: UpstreamScript, port: number, onNews: (news: UpstreamNews) => void): UpstreamHost {
  let exit: (printed: string) => void = () => undefined;
  const exited = new Promise<string>((resolve) => (exit = resolve));
  const kill = () => {
    server.close();
    exit('');
  };
  // News comes later, as from another process.
  const tell = (news: UpstreamNews) => void setImmediate(onNews, structuredClone(news));
  const server = new UpstreamServer(dialects[script.dialect], script, tell, kill);
  server.listen(port);
  return {
    pid: process.pid,
    send(message) {
      if (message.type === 'ping') tell({ type: 'pong', id: message.id });
      else server.change(message.script);
    },
    kill,
    stop: () => Promise.reject(new Error(noProcess)),
    resume: () => undefined,
    exited,
  };
}
