import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import type { HeadwayError } from '@headway/protocol';

import type { EngineCommand } from '../../port/engine-port.ts';
import { fromPlainError } from '../../port/plain-error.ts';
import { inOrderVariable } from '../../processes/job-order.ts';
import { siblingModule } from '../../processes/sibling-module.ts';
import { engineCrashed, type ProcessEnd } from './describe-end.ts';
import { readOutput } from './output-tail.ts';
import type { FromProcess, FromProcessBatch, OpenOrder, QueryName, ToProcess } from './process-messages.ts';
import { Pulse, type Hang, type PulseOptions } from './pulse.ts';

/** A message that the process sends on its own, except a heartbeat. */
export type ProcessMessage = Exclude<FromProcess, { kind: 'answer' | 'failure' | 'beat' }>;

export interface EngineProcessOptions {
  order: OpenOrder;
  /** Node flags. */
  execArgv: readonly string[] | undefined;
  pulse: PulseOptions;
  onMessage: (message: ProcessMessage) => void;
  onOutput: (line: string) => void;
  /** Called once, after the last message. */
  onEnd: (end: ProcessEnd) => void;
}

/** Longest wait for the process's last messages and output after its exit, in ms. Usually they arrive at once. */
const finalOutputMs = 300;
/** Longest wait for the process to exit after `close`, in ms; then it is killed. */
const closeMs = 5000;

interface Query {
  answer: (value: unknown) => void;
  fail: (error: HeadwayError) => void;
}

/** One child process with an engine, from its start to its end. */
export class EngineProcess {
  /** Resolves after `onEnd`. */
  readonly ended: Promise<void>;
  readonly #options: EngineProcessOptions;
  readonly #child: ChildProcess;
  readonly #pulse: Pulse;
  readonly #ticking: NodeJS.Timeout;
  readonly #queries = new Map<number, Query>();
  #lastNumber = 0;
  #hang: Hang | null = null;
  /** Why the process did not start, if it did not. */
  #spawnError: string | undefined;
  #end: ProcessEnd | null = null;
  #memoryBytes: number | null = null;

  constructor(options: EngineProcessOptions) {
    const { order, execArgv, pulse, onOutput, onEnd } = options;
    this.#options = options;
    this.#child = fork(siblingModule(import.meta.url, 'process-main'), {
      ...(execArgv && { execArgv: [...execArgv] }),
      env: { ...process.env, ...poolOf(order) },
      // JSON costs half of structured clones, and the messages are JSON because sockets carry them next.
      serialization: 'json',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#pulse = new Pulse(pulse);
    this.#ticking = setInterval(() => this.#tick(), pulse.beatMs);
    const { stdout, stderr } = this.#child;
    const output = readOutput(
      // Null when the system could not start another process.
      [stdout, stderr].flatMap((stream) => stream ?? []),
      onOutput,
    );
    this.#child.on('message', (batch: FromProcessBatch) => {
      for (const message of batch) this.#receive(message);
    });
    this.ended = this.#exited().then(({ code, signal }) => {
      clearInterval(this.#ticking);
      const spawnError = this.#spawnError;
      const end = (this.#end = {
        code,
        signal,
        hang: this.#hang,
        output,
        ...(spawnError !== undefined && { spawnError }),
      });
      for (const { fail } of this.#queries.values()) fail(engineCrashed(end));
      this.#queries.clear();
      onEnd(end);
    });
    this.#send({ kind: 'open', order });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The memory of the process at its last heartbeat, in bytes. */
  get memoryBytes(): number | null {
    return this.#memoryBytes;
  }

  send(command: EngineCommand): void {
    this.#send(command);
  }

  /** @throws HeadwayError the engine's own error; `engine-crashed` when the process ends before it answers */
  ask(name: QueryName, ...args: readonly unknown[]): Promise<unknown> {
    return new Promise((answer, fail) => {
      if (this.#end) return fail(engineCrashed(this.#end));
      const number = ++this.#lastNumber;
      this.#queries.set(number, { answer, fail });
      this.#send({ kind: 'query', number, name, args });
    });
  }

  /** Closes the engine and lets the process exit; kills it after `closeMs`. Resolves after `onEnd`. */
  async close(): Promise<void> {
    const late = setTimeout(() => this.kill(), closeMs);
    // When the process ends before it answers, it is closed all the same.
    await this.ask('close').catch(() => undefined);
    await this.ended;
    clearTimeout(late);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(message: ToProcess): void {
    // A closed channel means that the process ends; `#exited` handles that.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #receive(message: FromProcess): void {
    // Messages after `finalOutputMs` are dropped: the generations have ended.
    if (this.#end) return;
    this.#pulse.record(message.kind === 'beat' ? message.vitals : undefined);
    switch (message.kind) {
      case 'beat':
        this.#memoryBytes = message.memoryBytes;
        return;
      case 'answer':
        this.#queries.get(message.number)?.answer(message.value);
        this.#queries.delete(message.number);
        return;
      case 'failure':
        this.#queries.get(message.number)?.fail(fromPlainError(message.error));
        this.#queries.delete(message.number);
        return;
      default:
        this.#options.onMessage(message);
    }
  }

  #tick(): void {
    const hang = this.#pulse.tick();
    if (hang === null) return;
    this.#hang ??= hang;
    this.kill();
  }

  /** Resolves when the process has exited and its last messages and output have arrived. */
  async #exited(): Promise<Pick<ProcessEnd, 'code' | 'signal'>> {
    const child = this.#child;
    const drained = Promise.all([once(child, 'close'), once(child, 'disconnect')]);
    drained.catch(() => undefined);
    const end = await new Promise<Pick<ProcessEnd, 'code' | 'signal'>>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.on('error', ({ message }) => {
        if (child.pid !== undefined) return;
        this.#spawnError = message;
        resolve({ code: null, signal: null });
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, finalOutputMs)));
    await Promise.race([drained, late]);
    clearTimeout(timer);
    return end;
  }
}

/**
 * The size of libuv's thread pool. llama.cpp's threads belong to the thread that called it last: with one caller they
 * stay warm. With several models a second thread loads one while another writes.
 */
function poolOf({ backends }: OpenOrder): NodeJS.ProcessEnv {
  return backends.length === 1 ? { UV_THREADPOOL_SIZE: '1', [inOrderVariable]: String(process.pid) } : {};
}
