import type { DecodeEnd, PrefillReport } from '../../../backend/backend.ts';
import type { Clock } from '../../../timing/clock.ts';
import type { RemotePrompt } from '../remote-prompt.ts';
import type { ReadingSignal, UpstreamSignal, UpstreamUsage } from '../stream/upstream-signal.ts';
import type { Upstream } from '../upstream.ts';

export interface PrefillWatchOptions {
  upstream: Upstream;
  prompt: RemotePrompt;
  clock: Clock;
  signal: AbortSignal;
  /** Whether the answers tell how far the prompt is read: all calls do. */
  reports: boolean;
  /** Whether they tell by themselves what is told beside requests to this dialect otherwise. */
  tellsAll: boolean;
  onReport: (report: PrefillReport) => void;
}

/** A wait that goes on is told again after so long, in ms. */
const repeatMs = 1000;
/** Time between two reports of an estimate, in ms. */
const tickMs = 100;
/** A server that is silent while requests wait, and has said nothing for so long, lets this one wait, in ms. */
const silentMs = 250;
/** How long the first report of another server that reports its progress may take before it is estimated, in ms. */
const lateMs = 2500;
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
  #waitToldAt = Number.NEGATIVE_INFINITY;
  /** Whether the upstream has told its progress. */
  #told = false;
  #firstTold: { at: number; processed: number } | null = null;
  /** The estimate that was shown last. */
  #shown: Tokens | null = null;
  #counted: { promptTokens: number; cachedTokens: number } | undefined;
  #cached = 0;
  #over = false;
  /** Resolves once the request may be sent. */
  readonly ready: Promise<void>;

  constructor(options: PrefillWatchOptions) {
    this.#options = options;
    const { upstream, prompt, clock, signal } = options;
    const { blocks, characters, total } = prompt;
    this.#sent = upstream.prefixes.send({ blocks, characters, tokens: total });
    this.#reading = upstream.reading.begin({ tokens: total, cached: this.#sent.cached, nowMs: clock.now() });
    signal.addEventListener('abort', this.#abort, { once: true });
    this.ready = this.#beforeCall();
    void this.#run().catch(() => undefined);
  }

  /** Prompt tokens as the upstream counted them; undefined until it does. */
  get counted(): DecodeEnd['usage'] {
    return this.#counted;
  }

  take(signal: ReadingSignal): void {
    if (this.#stop.signal.aborted) return;
    const { prompt, onReport, clock } = this.#options;
    const now = clock.now();
    switch (signal.type) {
      case 'queued':
      case 'loading':
        if (this.#told || (same(signal, this.#waiting) && now - this.#waitToldAt < repeatMs)) return;
        this.#waiting = signal;
        this.#waitToldAt = now;
        onReport(reportOf(signal));
        return;
      case 'share': {
        const total = prompt.total;
        const processed = Math.floor(total * Math.min(1, signal.share));
        this.#progress({ processed, cached: 0, total }, prompt.guessed ?? false);
        return;
      }
      case 'progress': {
        const { processed, cached, total, estimated = false, etaMs, ahead } = signal;
        const told = { ...(etaMs !== undefined && { etaMs }), ...(ahead !== undefined && { ahead }) };
        this.#progress({ processed, cached, total }, estimated, told);
        return;
      }
      case 'uncached-progress': {
        // What it had cached is a forecast, from the prompts that were sent there before.
        const { cached } = this.#sent;
        const { processed, total } = signal;
        this.#progress({ processed: cached + Math.min(processed, total), cached, total: cached + total }, true);
        return;
      }
      default:
        signal satisfies never;
    }
  }

  /** The first token came. */
  firstToken(): void {
    const now = this.#options.clock.now();
    // The time of a wait says nothing about reading.
    if (this.#waiting) this.#reading.end(now);
    else this.#reading.firstToken(now);
    this.#end();
  }

  usage({ promptTokens, cachedTokens }: UpstreamUsage): void {
    if (promptTokens === null) return;
    const { upstream, prompt } = this.#options;
    const first = this.#counted === undefined;
    // A server that does not count the cached part says nothing about it.
    this.#counted = { promptTokens, cachedTokens: cachedTokens ?? Math.min(this.#cached, promptTokens) };
    // Some tell the cached part at the end only.
    if (first || cachedTokens !== null) this.#reading.usage(promptTokens, cachedTokens);
    if (cachedTokens !== null) this.#sent.usage(cachedTokens);
    if (first) upstream.tokens.learn(prompt.characterCounts, promptTokens);
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

  async #beforeCall(): Promise<void> {
    const { dialect, context } = this.#options.upstream;
    if (!dialect?.beforeCall) return;
    try {
      await dialect.beforeCall(context, (said) => this.take(said), this.#stop.signal);
    } catch {
      // Whatever is wrong, the request itself tells it.
    }
    this.#waitIsOver();
  }

  async #run(): Promise<void> {
    const { upstream, clock, reports, tellsAll } = this.#options;
    const { signal } = this.#stop;
    const dialect = upstream.dialect;
    await this.ready;
    const watching = tellsAll
      ? undefined
      : dialect?.watch?.(upstream.context, (said) => this.#look(said), signal).catch(() => undefined);
    if (reports) {
      const waits = dialect?.silentWhileQueued === true;
      await clock.sleep(waits ? silentMs : lateMs, signal);
      if (waits && !this.#told && !this.#waiting) this.take({ type: 'queued', position: null });
      if (waits || this.#told) return;
    }
    let looking = watching !== undefined;
    void watching?.then(() => {
      looking = false;
      this.#waitIsOver();
    });
    const since = clock.now();
    while (looking && !this.#waiting && clock.now() - since < firstLookMs) await clock.sleep(lookMs, signal);
    while (!this.#told) {
      if (!this.#waiting) this.#estimate();
      await clock.sleep(tickMs, signal);
    }
  }

  #waitIsOver(): void {
    if (this.#waiting) this.#reading.started(this.#options.clock.now());
    this.#waiting = null;
  }

  /** What a look beside the request found; the answer's own word counts more. */
  #look(said: UpstreamSignal): void {
    if (said.type === 'queued' || said.type === 'loading') this.take(said);
  }

  #estimate(): void {
    const { clock, onReport } = this.#options;
    const { etaMs, ...shown } = this.#reading.at(clock.now());
    this.#shown = shown;
    onReport({ phase: 'prefill', ...shown, etaMs, estimated: true });
  }

  /** `told`: what the upstream says besides the tokens. */
  #progress(tokens: Tokens, estimated: boolean, told: { etaMs?: number | null; ahead?: number } = {}): void {
    const now = this.#options.clock.now();
    this.#waitIsOver();
    this.#told = true;
    this.#cached = tokens.cached;
    this.#firstTold ??= { at: now, processed: tokens.processed };
    const read = tokens.processed - this.#firstTold.processed;
    const left = tokens.total - tokens.processed;
    const etaMs = read > 0 ? ((now - this.#firstTold.at) * left) / read : this.#reading.at(now).etaMs;
    const report = this.#shown ? { ...inShown(tokens, this.#shown), estimated: true } : { ...tokens, estimated };
    this.#options.onReport({ phase: 'prefill', ...report, etaMs, ...told });
  }
}

interface Tokens {
  processed: number;
  cached: number;
  total: number;
}

/** What the upstream told, in the totals of the estimate that was shown before. */
function inShown({ processed, cached, total }: Tokens, shown: Tokens): Tokens {
  const share = Math.max(0, processed - cached) / Math.max(1, total - cached);
  const read = shown.cached + Math.floor((shown.total - shown.cached) * Math.min(1, share));
  return { ...shown, processed: Math.max(shown.processed, read) };
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
