import { fork, type ChildProcess } from 'node:child_process';

import { siblingModule } from '../../../../processes/sibling-module.ts';
import type { TrialAnswer, TrialOrder } from './trial-messages.ts';

/** A process that tries one binary of llama.cpp. */
export class TrialProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;
  readonly #kill = () => void this.#child.kill('SIGKILL');
  readonly #ended: Promise<string>;
  #errors = '';

  constructor({ signal, execArgv }: { signal: AbortSignal; execArgv?: readonly string[] | undefined }) {
    this.#signal = signal;
    this.#child = fork(siblingModule(import.meta.url, 'trial-main'), {
      ...(execArgv && { execArgv: [...execArgv] }),
      // One thread of libuv computes all batches, as ggml's threads stay with their caller.
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-1000);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', ({ message }) => resolve(`cannot be started (${message})`));
      this.#child.once('exit', (code, how) => resolve(`ended with ${how ?? `exit code ${String(code)}`}`));
    });
    signal.addEventListener('abort', this.#kill, { once: true });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error what the process answers, or how it ended; the signal's reason when it aborts */
  async ask<Value>(order: TrialOrder): Promise<Value> {
    this.#signal.throwIfAborted();
    const answered = new Promise<TrialAnswer>((resolve) => this.#child.once('message', resolve));
    if (this.#child.connected) this.#child.send(order, () => undefined);
    const first = await Promise.race([answered, this.#ended]);
    this.#signal.throwIfAborted();
    if (typeof first === 'string')
      throw new Error([`the process ${first}`, this.#errors.trim()].filter(Boolean).join(': '));
    if ('error' in first) throw new Error(first.error);
    return first.value as Value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#kill);
    this.#kill();
    await this.#ended;
  }
}
