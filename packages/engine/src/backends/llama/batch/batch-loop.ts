import { deferred } from '@headway/protocol';

import type { ThreadCounts } from '../threads/thread-trials.ts';
import type { BatchItem, Work } from './batch-item.ts';
import { chooseBatch, type BatchPart, type ChosenBatch, type WaitingItem } from './choose-batch.ts';
import type { ContextBindings } from './context-bindings.ts';
import type { OneAtATime } from './one-at-a-time.ts';

export interface BatchLoopOptions {
  context: ContextBindings;
  /** Most tokens of a batch. */
  size: number;
  threads: ThreadCounts;
  /**
   * Whether the process runs libuv's jobs one after the other (`UV_THREADPOOL_SIZE=1`). Tokens are then drawn right
   * after the batch, without a turn of the event loop between.
   *
   * @default false
   */
  inOrder?: boolean;
  /** Shared with other loops: their batches run one after the other. @default no other loop matters */
  alone?: OneAtATime;
}

type Drawn = { value: unknown } | { reason: unknown };

/**
 * Computes the batches of one context, one at a time. Each holds the next token of every answer, so that they are
 * decoded in step: an item that `done` adds is in the next batch.
 *
 * Changes of a sequence's memory run between two batches.
 */
export class BatchLoop {
  readonly #options: BatchLoopOptions;
  readonly #waiting: WaitingItem[] = [];
  #running: Promise<void> | null = null;
  #batch: Promise<void> | null = null;
  #last: Work = 'prefill';
  #threads = 0;
  /** How many changes of memory wait or run, and the sequence of the one that runs. */
  #changes = 0;
  #changing: number | null = null;
  #lastChange: Promise<void> = Promise.resolve();

  constructor(options: BatchLoopOptions) {
    this.#options = options;
  }

  add(item: BatchItem): void {
    this.#waiting.push({ item, from: 0, drawn: [] });
    this.#start();
  }

  /** Resolves when no item is left. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /**
   * Runs a change of a sequence's memory between two batches, one change at a time. The change may evaluate tokens of
   * its own sequence; those of the others wait.
   */
  async change<Result>(sequenceId: number, change: () => Promise<Result>): Promise<Result> {
    // A change that is part of the one that runs.
    if (this.#changing === sequenceId) return change();
    const before = this.#lastChange;
    const ended = deferred();
    this.#lastChange = ended.promise;
    this.#changes++;
    try {
      await before;
      await this.#batch;
      this.#changing = sequenceId;
      return await change();
    } finally {
      this.#changing = null;
      this.#changes--;
      ended.resolve();
      this.#start();
    }
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Items that other sequences add in this step of the event loop share the first batch.
    await nextStep();
    for (let batch = this.#choose(); batch; batch = this.#choose()) {
      const compute = () => this.#compute(batch);
      this.#batch = this.#options.alone?.run(compute) ?? compute();
      await this.#batch;
      this.#batch = null;
      // node-llama-cpp's own loop, which drafts, adds its next tokens a few microtasks later.
      if (batch.parts.some(({ waiting: { item } }) => item.drawAt.length > 0 && !item.drawsInJob)) await nextStep();
    }
    this.#running = null;
  }

  #choose(): ChosenBatch | null {
    const ready =
      this.#changes === 0 ? this.#waiting : this.#waiting.filter(({ item }) => item.sequenceId === this.#changing);
    return chooseBatch(ready, this.#options.size, this.#last);
  }

  /** Never rejects. A batch that fails is computed again item by item, so that the failure is one item's alone. */
  async #compute({ work, parts }: ChosenBatch): Promise<void> {
    const { context, inOrder = false } = this.#options;
    this.#last = work;
    const draws: (() => Promise<Drawn[]>)[] = [];
    /** The draws that are queued behind the batch. */
    const queued = new Map<number, Promise<Drawn[]>>();
    try {
      this.#setThreads(this.#options.threads[work]);
      context.initBatch(parts.reduce((sum, { count }) => sum + count, 0));
      for (const part of parts) {
        const outputs = this.#addToBatch(part);
        draws.push(() => drawAll(part, outputs));
      }
      const computed = context.decodeBatch();
      for (const [at, draw] of draws.entries())
        if (inOrder && parts[at]?.waiting.item.drawsInJob) queued.set(at, draw());
      await computed;
    } catch (reason) {
      // Their results are dropped: they may be of the batch before.
      await Promise.all(queued.values());
      for (const [at, part] of parts.entries()) {
        const drawnInVain = queued.has(at) && part.waiting.item.drawsOnce === true;
        if (parts.length === 1 || drawnInVain) this.#remove(part.waiting).failed(reason, part.waiting.from);
        else await this.#compute({ work, parts: [part] });
      }
      return;
    }
    const drawn = await Promise.all(draws.map((draw, at) => queued.get(at) ?? draw()));
    for (const [at, part] of parts.entries()) this.#finish(part, drawn[at] ?? []);
  }

  #setThreads(threads: number): void {
    if (threads === this.#threads) return;
    this.#options.context.setThreads(threads);
    this.#threads = threads;
  }

  #addToBatch({ waiting: { item, from }, count }: BatchPart): Uint32Array {
    const tokens = Uint32Array.from(item.tokens.slice(from, from + count));
    const drawAt = Uint32Array.from(item.drawAt.map((at) => at - from).filter((at) => at >= 0 && at < count));
    return this.#options.context.addToBatch(item.sequenceId, item.position + from, tokens, drawAt);
  }

  #remove(waiting: WaitingItem): BatchItem {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    return waiting.item;
  }

  #finish({ waiting, count }: BatchPart, drawn: readonly Drawn[]): void {
    const { item } = waiting;
    waiting.from += count;
    item.evaluated?.(count);
    for (const one of drawn) {
      if ('reason' in one) return this.#remove(waiting).failed(one.reason, waiting.from);
      waiting.drawn.push(one.value);
    }
    if (waiting.from === item.tokens.length) this.#remove(waiting).done(waiting.drawn);
  }
}

const nextStep = () => new Promise((resolve) => setImmediate(resolve));

/** Draws after an item's tokens in order, as each draw may depend on the one before. */
function drawAll({ waiting: { item, from } }: BatchPart, outputs: Uint32Array): Promise<Drawn[]> {
  const ats = item.drawAt.filter((at) => at >= from);
  const draws = Array.from(outputs, (output, nth) => async (): Promise<Drawn> => {
    try {
      return { value: await item.draw(output, ats[nth] ?? from) };
    } catch (reason) {
      return { reason };
    }
  });
  const [first, ...others] = draws;
  if (!first) return Promise.resolve([]);
  return others.reduce(
    async (before, draw) => [...(await before), await draw()],
    first().then((one) => [one]),
  );
}
