import { abortable, deferred, HeadwayError, type Deferred } from '@headway/protocol';

import type { Clock } from '../../../timing/clock.ts';
import { charactersInBlocks, type PrefixBlocks } from '../estimate/prefix-blocks.ts';
import { connectionRefused } from './fake-member.fixture.ts';
import type { PoolMember } from './pool-member.ts';

export interface ServedRequest {
  tokens: number;
  blocks: PrefixBlocks;
  onFirstToken: () => void;
  signal: AbortSignal;
}

/** A server under a virtual clock: reads one prompt after the other, 1 ms a token, and writes for 400 ms. */
export class SimulatedUpstream implements PoolMember {
  readonly name: string;
  readonly concurrency: number;
  /** Prompt tokens that it had to read, and those that its cache held. */
  tokensRead = 0;
  tokensCached = 0;
  /** Most requests that it had at the same time. */
  mostRunning = 0;
  running = 0;
  served = 0;
  readonly #clock: Clock;
  readonly #cache = new Set<number>();
  #reading: Promise<void> = Promise.resolve();
  #life: AbortController | null = new AbortController();
  #stalled: Deferred<void> | null = null;

  constructor(name: string, concurrency: number, clock: Clock) {
    this.name = name;
    this.concurrency = concurrency;
    this.#clock = clock;
  }

  async check(signal: AbortSignal): Promise<void> {
    if (!this.#life) throw connectionRefused();
    if (this.#stalled) await abortable(this.#stalled.promise, signal);
  }

  /** Ends its process: each stream breaks off. */
  kill(): void {
    this.#life?.abort(new HeadwayError('upstream-failed', 'the upstream closed the connection'));
    this.#life = null;
    this.#cache.clear();
  }

  restart(): void {
    this.#life = new AbortController();
    this.#reading = Promise.resolve();
  }

  /** Computes and answers nothing until it goes on. */
  stall(): void {
    this.#stalled = deferred();
  }

  goOn(): void {
    this.#stalled?.resolve();
    this.#stalled = null;
  }

  async serve({ tokens, blocks, onFirstToken, signal }: ServedRequest): Promise<void> {
    if (!this.#life) throw new HeadwayError('upstream-failed', 'the upstream refused the connection');
    const ended = AbortSignal.any([this.#life.signal, signal]);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    try {
      const reading = this.#reading.then(() => this.#read(tokens, blocks, ended));
      this.#reading = reading.catch(() => undefined);
      await abortable(reading, ended);
      onFirstToken();
      await this.#work(400, ended);
      this.served++;
    } finally {
      this.running--;
    }
  }

  async #read(tokens: number, blocks: PrefixBlocks, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const known = 1 + blocks.findLastIndex((block) => this.#cache.has(block));
    const cached = Math.floor((tokens * charactersInBlocks(known)) / Math.max(1, charactersInBlocks(blocks.length)));
    this.tokensCached += cached;
    this.tokensRead += tokens - cached;
    await this.#work(tokens - cached, signal);
    for (const block of blocks) this.#cache.add(block);
  }

  async #work(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, signal);
    while (this.#stalled) await abortable(this.#stalled.promise, signal);
  }
}
