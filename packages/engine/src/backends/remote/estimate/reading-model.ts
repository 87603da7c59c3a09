import type { Neighbours } from './fit-readings.ts';
import { msLeft, readOn, shownShare, type ReadingProgress } from './reading-progress.ts';
import { ReadingRate, type MeasuredReading } from './reading-rate.ts';

export interface PromptToRead {
  /** Tokens of the whole prompt. */
  tokens: number;
  /** Forecast of those that the upstream has in its cache. @default 0 */
  cached?: number;
  nowMs: number;
}

/** What to show of a prompt that is read. */
export interface EstimatedReading {
  /** Tokens read, the cached ones included: never falls, never past 99 % of the uncached ones before the first token. */
  processed: number;
  cached: number;
  total: number;
  /** Time to the first token; null until anything was learnt of the upstream. */
  etaMs: number | null;
}

/** The estimate of one prompt's reading. Times are in ms, of any clock that does not go back. */
export interface Reading {
  at(nowMs: number): EstimatedReading;
  /** The upstream says that it reads the prompt from now on and let it wait before. */
  started(nowMs: number): void;
  /** The first token came. */
  firstToken(nowMs: number): void;
  /** What the upstream said of the prompt after its first token; null: it did not say. */
  usage(promptTokens: number | null, cachedTokens: number | null): void;
  /** The request is over, however it ended: call it always. Before the first token nothing is learnt. */
  end(nowMs: number): void;
}

/**
 * Estimates how far prompts are read by an upstream that tells nothing before the first token. One for each upstream and
 * model: it learns from all their requests, and it knows from them who else reads and writes there.
 */
export class ReadingModel {
  readonly #rate = new ReadingRate();
  /** Prompts before their first tokens, in the order they were sent. */
  #open: OpenReading[] = [];
  #writing = 0;

  /** Starts the estimate of a prompt that is sent now. */
  begin(prompt: PromptToRead): Reading {
    this.#moveOn(prompt.nowMs);
    const reading = new OpenReading(prompt, this.#rate, {
      earlier: (one) => this.#open.slice(0, Math.max(0, this.#open.indexOf(one))).filter(({ isHeld }) => !isHeld),
      others: () => ({ reading: this.#open.length - 1, writing: this.#writing }),
      moveOn: (nowMs) => this.#moveOn(nowMs),
      leave: (one) => (this.#open = this.#open.filter((other) => other !== one)),
      writes: (change) => (this.#writing += change),
    });
    this.#open.push(reading);
    return reading;
  }

  #moveOn(nowMs: number): void {
    for (const reading of this.#open) reading.moveOn(nowMs);
  }
}

/** What a reading knows of the other requests of its upstream. */
interface Company {
  earlier(reading: OpenReading): OpenReading[];
  others(): Neighbours;
  /** Counts the time until now, before the neighbours change. */
  moveOn(nowMs: number): void;
  leave(reading: OpenReading): void;
  writes(change: 1 | -1): void;
}

class OpenReading implements Reading {
  readonly #rate: ReadingRate;
  readonly #company: Company;
  readonly #total: number;
  readonly #cached: number;
  readonly #forecast: number;
  #whole = new NeighbourTime();
  #turn = new NeighbourTime();
  #progress: ReadingProgress;
  /** Time in which it was read, before anything was learnt that says how far. */
  #unknownMs = 0;
  #sinceMs: number;
  /** The upstream said that its turn has come. */
  #hasStarted = false;
  #isHeld = false;
  #shown = 0;
  #state: 'reading' | 'writing' | 'ended' = 'reading';
  #measured: MeasuredReading | null = null;

  constructor({ tokens, cached = 0, nowMs }: PromptToRead, rate: ReadingRate, company: Company) {
    this.#rate = rate;
    this.#company = company;
    this.#total = Math.max(1, Math.round(tokens));
    this.#forecast = Math.min(Math.max(0, Math.round(cached)), this.#total - 1);
    this.#cached = rate.traits.reuses ? this.#forecast : 0;
    this.#progress = { position: this.#cached, fixedMs: 0 };
    this.#sinceMs = nowMs;
  }

  at(nowMs: number): EstimatedReading {
    const [total, cached] = [this.#total, this.#cached];
    if (this.#measured) return { processed: total, cached, total, etaMs: 0 };
    const processed = cached + Math.floor((total - cached) * this.#share(nowMs));
    this.#shown = Math.max(this.#shown, processed);
    return { processed: this.#shown, cached, total, etaMs: this.#etaMs(nowMs) };
  }

  started(nowMs: number): void {
    if (this.#state !== 'reading') return;
    this.#company.moveOn(nowMs);
    this.#hasStarted = true;
    this.#isHeld = false;
    this.#whole = new NeighbourTime();
    this.#turn = new NeighbourTime();
    this.#startAnew();
  }

  firstToken(nowMs: number): void {
    if (this.#state !== 'reading') return;
    this.#company.moveOn(nowMs);
    this.#measured = {
      tokens: this.#total,
      cached: this.#forecast,
      isCachedKnown: false,
      whole: this.#whole.mean,
      turn: this.#isItsTurn && !this.#isHeld ? this.#turn.mean : null,
    };
    if (this.#rate.traits.isInTurn) for (const reading of this.#company.earlier(this)) reading.#hold();
    this.#rate.add(this.#measured);
    this.#state = 'writing';
    this.#company.leave(this);
    this.#company.writes(1);
  }

  usage(promptTokens: number | null, cachedTokens: number | null): void {
    const measured = this.#measured;
    if (!measured) return;
    if (promptTokens !== null && promptTokens > 0) measured.tokens = promptTokens;
    if (cachedTokens !== null) Object.assign(measured, { cached: cachedTokens, isCachedKnown: true });
    this.#rate.amended();
  }

  end(nowMs: number): void {
    if (this.#state === 'ended') return;
    this.#company.moveOn(nowMs);
    if (this.#state === 'writing') this.#company.writes(-1);
    else this.#company.leave(this);
    this.#state = 'ended';
  }

  /** Counts the time until now. */
  moveOn(nowMs: number): void {
    const ms = Math.max(0, nowMs - this.#sinceMs);
    const others = this.#company.others();
    this.#whole.add(ms, others);
    if (this.#isItsTurn) this.#turn.add(ms, others);
    if (this.#rate.cost) this.#progress = this.#progressAt(nowMs);
    this.#unknownMs = this.#rate.cost || this.#waits ? 0 : this.#unknownMs + ms;
    this.#sinceMs = Math.max(this.#sinceMs, nowMs);
  }

  /** The upstream read a later prompt before this one, so it kept this one waiting: others do not wait for it. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  #hold(): void {
    this.#isHeld = true;
    this.#startAnew();
  }

  #startAnew(): void {
    this.#progress = { position: this.#cached, fixedMs: 0 };
    this.#unknownMs = 0;
  }

  get #isItsTurn(): boolean {
    return this.#hasStarted || this.#isHeld || this.#company.earlier(this).length === 0;
  }

  get #waits(): boolean {
    return this.#rate.traits.isInTurn && !this.#isItsTurn;
  }

  #progressAt(nowMs: number): ReadingProgress {
    const cost = this.#rate.cost;
    if (!cost) return this.#progress;
    const ms = this.#unknownMs + Math.max(0, nowMs - this.#sinceMs);
    if (this.#waits) return { ...this.#progress, fixedMs: Number.POSITIVE_INFINITY };
    return readOn(this.#progress, ms, cost, this.#company.others());
  }

  #share(nowMs: number): number {
    const { position } = this.#progressAt(nowMs);
    return shownShare((position - this.#cached) / (this.#total - this.#cached));
  }

  /** Its own time and, where the upstream reads prompts in turn, the time of those before it. */
  #etaMs(nowMs: number): number | null {
    const queue = this.#waits ? [...this.#company.earlier(this), this] : [this];
    const times = queue.map((reading) => reading.#ownMsLeft(nowMs));
    return times.reduce<number | null>((sum, ms) => (sum === null || ms === null ? null : sum + ms), 0);
  }

  /** By the share that is shown, so that it is never 0 before the first token. */
  #ownMsLeft(nowMs: number): number | null {
    const position = this.#cached + (this.#total - this.#cached) * this.#share(nowMs);
    const progress = { position, fixedMs: this.#progressAt(nowMs).fixedMs };
    return this.#rate.cost && msLeft(progress, this.#total, this.#rate.cost, this.#company.others());
  }
}

/** Sums time, and the neighbours of that time. */
class NeighbourTime {
  #ms = 0;
  #writing = 0;
  #reading = 0;

  add(ms: number, { writing, reading }: Neighbours): void {
    this.#ms += ms;
    this.#writing += ms * writing;
    this.#reading += ms * reading;
  }

  get mean() {
    const ms = this.#ms || 1;
    return { ms: this.#ms, writing: this.#writing / ms, reading: this.#reading / ms };
  }
}
