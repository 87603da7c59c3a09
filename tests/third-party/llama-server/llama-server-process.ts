import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { storytellerPath } from '@headway/storyteller';

export interface LlamaServer extends AsyncDisposable {
  /** Its address, without `/v1`. */
  url: string;
  pid: number;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts the llama-server of the environment variable `LLAMA_SERVER` with the embedded model, and waits until it serves.
 *
 * @throws Error when the variable is not set, with the remedy
 */
export async function startLlamaServer(...flags: string[]): Promise<LlamaServer> {
  const program = process.env['LLAMA_SERVER'];
  if (!program) {
    throw new Error(
      'set LLAMA_SERVER to a llama-server; `npm run --silent bench -- llama-server` builds one and prints its path',
    );
  }
  const port = await freePort();
  const child = spawn(program, ['-m', storytellerPath, '--port', `${port}`, '-t', '1', ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  let running = true;
  void ended.then(() => (running = false));
  while (!(await isReady(url))) {
    if (!running) throw new Error(`llama-server ended:\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid ?? 0,
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}
