import type { Agenda } from './agenda.ts';

/** What an upstream costs and how it behaves. */
export interface UpstreamTraits {
  /** Factor on all times. @default 1 */
  slowness: number;
  /** Reads one prompt after the other; otherwise each one has a machine of its own. */
  isInTurn: boolean;
  /** Whether it keeps prefixes, in blocks of 16 tokens. */
  caches: boolean;
  /** Tokens of prefixes that it keeps. */
  cacheTokens: number;
  /** Share of the requests that wait in its own queue, for others whom nobody here knows, 0.3 to 3 s. */
  queued: number;
  /** Relative spread of a step's time. */
  noise: number;
}

export interface SimulatedPrompt {
  /** Names the conversation: its prompts all start alike. */
  conversation: number;
  tokens: number;
  /** Tokens of the answer. */
  answer: number;
}

/** One request at the upstream. */
export interface Served extends SimulatedPrompt {
  cached: number;
  processed: number;
  written: number;
  /** How far it was read at the start and at the end of each step. */
  steps: { atMs: number; processed: number }[];
  onFirstToken: () => void;
  onEnd: () => void;
}

const stepMs = 8;
const tokenMs = 0.06;
/** At this position attention costs as much as the rest. */
const balancedPosition = 7000;
const writerMs = 5;
/** Most tokens of a step: those of the writers, then those of the prompts. */
const stepTokens = 2048;
const blockTokens = 16;
const queueMs = { least: 300, most: 3000 };

/**
 * An upstream with continuous batching, as vLLM has: each step gives every writer a token and fills the rest of its
 * tokens with prompts, in the order of their arrival. A token costs more the later it stands in its prompt.
 */
export class SimulatedUpstream {
  traits: UpstreamTraits;
  readonly #agenda: Agenda;
  readonly #random: () => number;
  readonly #served: Served[] = [];
  readonly #prefixes = new Map<number, number>();
  #isBusy = false;

  constructor(traits: UpstreamTraits, agenda: Agenda, random: () => number) {
    this.traits = traits;
    this.#agenda = agenda;
    this.#random = random;
  }

  /** Takes a request that arrives now. */
  take(request: Served): void {
    const { least, most } = queueMs;
    const waits = this.#random() < this.traits.queued;
    this.#agenda.after(waits ? least + (most - least) * this.#random() : 0, () => {
      this.#served.push(request);
      this.#reuse(request);
      if (!this.#isBusy) this.#step();
    });
  }

  #step(): void {
    this.#isBusy = this.#served.length > 0;
    if (!this.#isBusy) return;
    const { isInTurn, slowness, noise } = this.traits;
    const writers = this.#served.filter(({ processed, tokens }) => processed === tokens);
    let room = stepTokens - writers.length;
    let ms = stepMs + writerMs * writers.length;
    let longestMs = 0;
    const read = this.#served.flatMap((request) => {
      const tokens = Math.min(request.tokens - request.processed, isInTurn ? room : stepTokens);
      if (tokens <= 0) return [];
      const position = request.processed + tokens / 2;
      const ownMs = tokenMs * tokens * (1 + position / balancedPosition);
      room -= tokens;
      longestMs = Math.max(longestMs, ownMs);
      if (isInTurn) ms += ownMs;
      request.steps.push({ atMs: this.#agenda.nowMs, processed: request.processed });
      return [{ request, tokens }];
    });
    if (!isInTurn) ms += longestMs;
    ms *= slowness * (1 + noise * (2 * this.#random() - 1));
    this.#agenda.after(ms, () => {
      for (const { request, tokens } of read) this.#read(request, tokens);
      for (const request of writers) this.#write(request);
      this.#step();
    });
  }

  #read(request: Served, tokens: number): void {
    request.processed += tokens;
    request.steps.push({ atMs: this.#agenda.nowMs, processed: request.processed });
    if (request.processed < request.tokens) return;
    if (this.traits.caches) this.#keep(request);
    request.onFirstToken();
    this.#write(request);
  }

  #write(request: Served): void {
    request.written++;
    if (request.written < request.answer) return;
    this.#served.splice(this.#served.indexOf(request), 1);
    request.onEnd();
  }

  #reuse(request: Served): void {
    const kept = Math.min(this.#prefixes.get(request.conversation) ?? 0, request.tokens - 1);
    request.cached = Math.floor(kept / blockTokens) * blockTokens;
    request.processed = request.cached;
  }

  #keep({ conversation, tokens }: Served): void {
    this.#prefixes.delete(conversation);
    this.#prefixes.set(conversation, tokens);
    let sum = [...this.#prefixes.values()].reduce((all, one) => all + one, 0);
    for (const [oldest, kept] of this.#prefixes) {
      if (sum <= this.traits.cacheTokens) break;
      this.#prefixes.delete(oldest);
      sum -= kept;
    }
  }
}
