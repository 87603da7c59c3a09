import type { DecodeEnd, PrefillReport } from '../../../backend/backend.ts';
import type { Clock } from '../../../timing/clock.ts';
import type { RemotePrompt } from '../remote-prompt.ts';
import type { UpstreamSignal, UpstreamUsage } from '../stream/upstream-signal.ts';
import type { Upstream } from '../upstream.ts';

export interface PrefillWatchOptions {
  upstream: Upstream;
  prompt: RemotePrompt;
  clock: Clock;
  signal: AbortSignal;
  onReport: (report: PrefillReport) => void;
}

/** Time between two reports of an estimate, in ms. */
const tickMs = 100;
/** An upstream that reports its progress and has said nothing for so long lets the request wait, in ms. */
const silentMs = 250;
/** How long the first look at an upstream's queue or loading may hold back the first report, in ms. */
const firstLookMs = 200;

type Waiting = UpstreamSignal & { type: 'queued' | 'loading' };

/** Tells where a prompt stands until its first token: from what the upstream says, else from an estimate. */
export class PrefillWatch {
  readonly #options: PrefillWatchOptions;
  readonly #sent;
  readonly #reading;
  readonly #stop = new AbortController();
  /** The upstream's own word on a wait before the prompt. */
  #waiting: Waiting | null = null;
  /** Whether the upstream has told its progress. */
  #told = false;
  #firstTold: { at: number; processed: number } | null = null;
  #counted: { promptTokens: number; cachedTokens: number } | undefined;
  #cached = 0;
  #over = false;

  constructor(options: PrefillWatchOptions) {
    this.#options = options;
    const { upstream, prompt, clock, signal } = options;
    const { blocks, characters, total } = prompt;
    this.#sent = upstream.prefixes.send({ blocks, characters, tokens: total });
    this.#reading = upstream.reading.begin({ tokens: total, cached: this.#sent.cached, nowMs: clock.now() });
    signal.addEventListener('abort', this.#abort, { once: true });
    void this.#run().catch(() => undefined);
  }

  /** Prompt tokens as the upstream counted them; undefined until it does. */
  get counted(): DecodeEnd['usage'] {
    return this.#counted;
  }

  take(signal: Waiting | (UpstreamSignal & { type: 'progress' | 'share' })): void {
    if (this.#stop.signal.aborted) return;
    const { prompt, onReport, clock } = this.#options;
    switch (signal.type) {
      case 'queued':
      case 'loading':
        if (this.#told || same(signal, this.#waiting)) return;
        this.#waiting = signal;
        onReport(reportOf(signal));
        return;
      case 'share': {
        const total = prompt.total;
        const processed = Math.floor(total * Math.min(1, signal.share));
        this.#progress({ processed, cached: 0, total }, prompt.guessed ?? false, clock.now());
        return;
      }
      case 'progress': {
        const { processed, cached, total, estimated = false, etaMs, ahead } = signal;
        const told = { ...(etaMs !== undefined && { etaMs }), ...(ahead !== undefined && { ahead }) };
        this.#progress({ processed, cached, total }, estimated, clock.now(), told);
        return;
      }
      default:
        signal satisfies never;
    }
  }

  /** The first token came. */
  firstToken(): void {
    this.#reading.firstToken(this.#options.clock.now());
    this.#end();
  }

  usage({ promptTokens, cachedTokens }: UpstreamUsage): void {
    if (promptTokens === null) return;
    const { upstream, prompt } = this.#options;
    const first = this.#counted === undefined;
    // A server that does not count the cached part says nothing about it.
    this.#counted = { promptTokens, cachedTokens: cachedTokens ?? Math.min(this.#cached, promptTokens) };
    if (!first) return;
    this.#reading.usage(promptTokens, cachedTokens);
    if (cachedTokens !== null) this.#sent.usage(cachedTokens);
    upstream.tokens.learn(prompt.characterCounts, promptTokens);
  }

  end(): void {
    this.#end();
    if (this.#over) return;
    this.#over = true;
    this.#reading.end(this.#options.clock.now());
    this.#options.signal.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.end();

  #end(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { upstream, clock } = this.#options;
    const { signal } = this.#stop;
    const dialect = upstream.dialect;
    const watching = dialect?.watch?.(upstream.context, (said) => this.#look(said), signal).catch(() => undefined);
    if (dialect?.reportsProgress) {
      if (dialect.tellsQueue) return;
      await clock.sleep(silentMs, signal);
      if (!this.#told && !this.#waiting) this.take({ type: 'queued', position: null });
      return;
    }
    let looking = watching !== undefined;
    void watching?.then(() => {
      looking = false;
      if (this.#waiting) this.#reading.started(clock.now());
      this.#waiting = null;
    });
    const since = clock.now();
    while (looking && !this.#waiting && clock.now() - since < firstLookMs) await clock.sleep(lookMs, signal);
    for (;;) {
      if (!this.#waiting && !this.#told) this.#estimate();
      await clock.sleep(tickMs, signal);
    }
  }

  /** What a look beside the request found; the answer's own word counts more. */
  #look(said: UpstreamSignal): void {
    if (said.type === 'queued' || said.type === 'loading') this.take(said);
  }

  #estimate(): void {
    const { clock, onReport } = this.#options;
    onReport({ phase: 'prefill', ...this.#reading.at(clock.now()), estimated: true });
  }

  #progress(
    tokens: { processed: number; cached: number; total: number },
    estimated: boolean,
    now: number,
    told: { etaMs?: number | null; ahead?: number } = {},
  ): void {
    this.#told = true;
    this.#cached = tokens.cached;
    this.#firstTold ??= { at: now, processed: tokens.processed };
    const read = tokens.processed - this.#firstTold.processed;
    const left = tokens.total - tokens.processed;
    const etaMs = read > 0 ? ((now - this.#firstTold.at) * left) / read : this.#reading.at(now).etaMs;
    this.#options.onReport({ phase: 'prefill', ...tokens, etaMs, estimated, ...told });
  }
}

/** Time between two looks whether the first look is done, in ms. */
const lookMs = 5;

function same(one: Waiting, other: Waiting | null): boolean {
  if (one.type === 'queued') return other?.type === 'queued' && other.position === one.position;
  return other?.type === 'loading' && other.loaded === one.loaded;
}

function reportOf(signal: Waiting): PrefillReport {
  if (signal.type === 'loading') return { phase: 'loading', loaded: signal.loaded };
  const { position, cached, total } = signal;
  return { phase: 'queued', position, cached, total };
}
