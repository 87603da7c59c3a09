import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import type { HeadwayError } from '@headway/protocol';

import type { EngineCommand } from '../../port/engine-port.ts';
import { fromPlainError } from '../../port/plain-error.ts';
import { besideThis } from './sibling-module.ts';
import { engineCrashed, type ProcessEnd } from './describe-end.ts';
import { readOutput } from './output-tail.ts';
import type { FromProcess, FromProcessBatch, OpenOrder, QueryName, ToProcess } from './process-messages.ts';
import { Pulse, type Hang, type PulseOptions } from './pulse.ts';

/** What it says by itself, besides its beats. */
export type ProcessMessage = Exclude<FromProcess, { kind: 'answer' | 'failure' | 'beat' }>;

export interface EngineProcessOptions {
  order: OpenOrder;
  /** Flags of Node. */
  execArgv: readonly string[] | undefined;
  pulse: PulseOptions;
  onMessage: (message: ProcessMessage) => void;
  onOutput: (line: string) => void;
  /** Called once, after the last message. */
  onEnd: (end: ProcessEnd) => void;
}

/** How long what it said last may take to arrive after its end, in ms. Usually it is there at once. */
const lastWordsMs = 300;
/** How long it may take to end after it was closed, in ms. */
const leaveMs = 5000;

interface Question {
  answer: (value: unknown) => void;
  fail: (error: HeadwayError) => void;
}

/** One process with an engine in it, from its start to its end. */
export class EngineProcess {
  /** Resolves after `onEnd`. */
  readonly ended: Promise<void>;
  readonly #options: EngineProcessOptions;
  readonly #child: ChildProcess;
  readonly #pulse: Pulse;
  readonly #ticking: NodeJS.Timeout;
  readonly #questions = new Map<number, Question>();
  #asked = 0;
  #hang: Hang | null = null;
  /** Why there was no process, if there was none. */
  #unstarted: string | undefined;
  #end: ProcessEnd | null = null;

  constructor(options: EngineProcessOptions) {
    const { order, execArgv, pulse, onOutput, onEnd } = options;
    this.#options = options;
    this.#child = fork(besideThis(import.meta.url, 'process-main'), {
      ...(execArgv && { execArgv: [...execArgv] }),
      // Half as dear as structured clones, and what crosses here is to cross sockets next.
      serialization: 'json',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#pulse = new Pulse(pulse);
    this.#ticking = setInterval(() => this.#tick(), pulse.beatMs);
    const { stdout, stderr } = this.#child;
    const output = readOutput(
      // There are none where the system had no room for another process.
      [stdout, stderr].flatMap((stream) => stream ?? []),
      onOutput,
    );
    this.#child.on('message', (batch: FromProcessBatch) => {
      for (const message of batch) this.#receive(message);
    });
    this.ended = this.#lastWords().then(({ code, signal }) => {
      clearInterval(this.#ticking);
      const unstarted = this.#unstarted;
      const end = (this.#end = {
        code,
        signal,
        hang: this.#hang,
        output,
        ...(unstarted !== undefined && { unstarted }),
      });
      for (const { fail } of this.#questions.values()) fail(engineCrashed(end));
      this.#questions.clear();
      onEnd(end);
    });
    this.#send({ kind: 'open', order });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(command: EngineCommand): void {
    this.#send(command);
  }

  /** @throws HeadwayError what the engine answers; `engine-crashed` when it ends before it does */
  ask(name: QueryName, ...args: readonly unknown[]): Promise<unknown> {
    return new Promise((answer, fail) => {
      if (this.#end) return fail(engineCrashed(this.#end));
      const number = ++this.#asked;
      this.#questions.set(number, { answer, fail });
      this.#send({ kind: 'query', number, name, args });
    });
  }

  /** Lets the engine close and the process end, or kills it if it does not; resolves after `onEnd`. */
  async close(): Promise<void> {
    const late = setTimeout(() => this.kill(), leaveMs);
    // One that ends before it answers has ended all the same.
    await this.ask('close').catch(() => undefined);
    await this.ended;
    clearTimeout(late);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(message: ToProcess): void {
    // A channel that closes means an end, which comes by itself.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #receive(message: FromProcess): void {
    // What arrives too late was given up.
    if (this.#end) return;
    this.#pulse.heard(message.kind === 'beat' ? message.vitals : undefined);
    switch (message.kind) {
      case 'beat':
        return;
      case 'answer':
        this.#questions.get(message.number)?.answer(message.value);
        this.#questions.delete(message.number);
        return;
      case 'failure':
        this.#questions.get(message.number)?.fail(fromPlainError(message.error));
        this.#questions.delete(message.number);
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

  /** Resolves when the process has ended and what it said last has arrived. */
  async #lastWords(): Promise<Pick<ProcessEnd, 'code' | 'signal'>> {
    const child = this.#child;
    const heard = Promise.all([once(child, 'close'), once(child, 'disconnect')]);
    heard.catch(() => undefined);
    const end = await new Promise<Pick<ProcessEnd, 'code' | 'signal'>>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.on('error', ({ message }) => {
        if (child.pid !== undefined) return;
        this.#unstarted = message;
        resolve({ code: null, signal: null });
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, lastWordsMs)));
    await Promise.race([heard, late]);
    clearTimeout(timer);
    return end;
  }
}
