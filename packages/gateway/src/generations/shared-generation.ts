import type { Engine } from '@headway/engine';
import {
  deferred,
  endsStream,
  fieldError,
  noSuchChoice,
  type ChoiceResult,
  type ErrorCode,
  type ErrorEvent,
  type FinishReason,
  type GenerateRequest,
  type Generation,
  type GenerationEvent,
  type GenerationInfo,
  type PrefillEvent,
  type Usage,
} from '@headway/protocol';

import type { RecentTokens } from '../activity/recent-tokens.ts';
import { withGraceTime } from './abandoned-error.ts';
import { EventJson } from './event-json.ts';
import type { GenerationLog } from './log/generation-log.ts';
import { GenerationView, type CloseReason, type ViewOptions } from './generation-view.ts';
import type { ImmediateQueue } from './immediate-queue.ts';

export interface SharedGenerationOptions {
  engine: Engine;
  owner: string;
  request: GenerateRequest & { id: string };
  /** Equal for equal requests (`requestFingerprint`). */
  fingerprint: string;
  log: GenerationLog;
  immediates: ImmediateQueue;
  /** Counts what it reads and writes. */
  tokens: RecentTokens;
  /** How long it runs on after its owner's connection dropped, while no client watches it, in ms. */
  graceMs: number;
  /** Longest time to its end, in ms, and most tokens of all its choices. Beyond either it ends with `generation-timeout`. */
  most: { ms: number; tokens: number };
  /** Runs once the log has the last event. */
  onEnd: (generation: SharedGeneration) => void;
  /** Runs when a view opens or closes. */
  onViewers: (change: 1 | -1) => void;
}

/**
 * One run of the engine with any number of viewers. Viewers may come and go. It runs until it ends by itself, its owner
 * cancels it, or no client is connected for the grace time after its owner's connection dropped.
 */
export class SharedGeneration {
  readonly id: string;
  readonly owner: string;
  readonly fingerprint: string;
  /** Resolves when the engine has accepted the request. Rejects with the HeadwayError of a refusal. */
  readonly admitted: Promise<void>;
  /** Resolves when the log has the last event. It never resolves for a refused request. */
  readonly over: Promise<void>;
  readonly #options: Omit<SharedGenerationOptions, 'request'>;
  // In `#options`, too; a field is one object less to fetch for each event.
  readonly #log: GenerationLog;
  readonly #mostTokens: number;
  readonly #tokens: RecentTokens;
  readonly #choices: number;
  readonly #created = Date.now();
  readonly #since = performance.now();
  readonly #json = new EventJson();
  readonly #viewers = new Set<GenerationView>();
  readonly #ownViews = new Set<GenerationView>();
  /** The engine's generation; null once it has ended. */
  #run: Generation | null;
  #model: string;
  #grace: NodeJS.Timeout | undefined;
  readonly #tooLate: NodeJS.Timeout;
  /** Whether an owner has opened a view. Without one, as after a plain POST, the generation runs to its end. */
  #held = false;
  #prefill: PrefillEvent | null = null;
  /** When the last prefill event came. */
  #prefillAt = 0;
  /** Whether its prompt was counted in `tokens`. */
  #promptCounted = false;
  #decodeFrom: number | null = null;
  #endedAt: number | null = null;
  #completionTokens = 0;
  #finishReason: FinishReason | null = null;
  #failure: ErrorEvent | null = null;
  #leftOut: readonly string[] = [];
  readonly #firstEvent = deferred();
  readonly #end = deferred();

  constructor(options: SharedGenerationOptions) {
    // Does not keep the request, which may have megabytes, as long as the log.
    const { request, ...kept } = options;
    const { engine, owner, fingerprint } = options;
    this.#options = kept;
    this.#log = kept.log;
    this.#mostTokens = kept.most.tokens;
    this.#tokens = kept.tokens;
    this.#choices = request.choices;
    this.id = request.id;
    this.owner = owner;
    this.fingerprint = fingerprint;
    this.#model = request.model;
    const run = engine.generate(request, { owner, keepsText: false });
    this.#run = run;
    this.over = this.#end.promise;
    this.#tooLate = setTimeout(() => this.cancel('generation-timeout'), options.most.ms).unref();
    this.admitted = this.#admit(run);
    this.admitted.catch(() => undefined);
    void run.forEach((event) => this.#record(event));
  }

  get ended(): boolean {
    return this.#run === null;
  }

  /** Whether it failed with a retryable error. */
  get worthAnotherTry(): boolean {
    return this.ended && this.#failure?.retryable === true;
  }

  /** Whether it has ended and `after` is its last event. */
  endedAt(after: number | undefined): boolean {
    return this.ended && after !== undefined && after === this.#log.lastSeq;
  }

  /** Estimated memory of its log, in bytes. */
  get bytes(): number {
    return this.#log.bytes;
  }

  /** The id of its model. Once `admitted`, a request for `default` has the default model's id, too. */
  get model(): string {
    return this.#model;
  }

  /** The parts of the request's schemas that are not enforced, by field. Known once `admitted`, if the model was loaded. */
  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  get created(): number {
    return this.#created;
  }

  /**
   * Opens a view for the request's client, once the engine has accepted the request. When the last owner's view closes on
   * purpose, the generation is cancelled. A client that resumes replaces the earlier owners, because their connection has
   * dropped even if the gateway has not noticed yet.
   *
   * @throws HeadwayError the engine's refusal, or `invalid-request` when the event `after` does not exist yet
   */
  async own(options: ViewOptions = {}): Promise<GenerationView> {
    const view = this.#view(options);
    if (options.after !== undefined) this.#ownViews.clear();
    this.#ownViews.add(view);
    this.#held = true;
    return this.#open(view, options);
  }

  /** Opens a view whose closing never cancels the generation. @throws as `own` */
  async watch(options: ViewOptions = {}): Promise<GenerationView> {
    return this.#open(this.#view(options), options);
  }

  /** Ends the generation. False when it has ended already. */
  cancel(reason: 'cancelled' | ErrorCode = 'cancelled'): boolean {
    return this.#run !== null && this.#options.engine.cancel(this.id, reason, this.owner);
  }

  /**
   * Ends one choice; the others go on, and the last open one ends the generation. False when it has ended already.
   *
   * @throws HeadwayError `invalid-request` for an index that it does not have
   */
  cancelChoice(index: number): boolean {
    if (index >= this.#choices) throw noSuchChoice(index, this.#choices);
    return this.#run !== null && this.#options.engine.cancelChoice(this.id, index, this.owner);
  }

  /**
   * Resolves with the outcome of a running generation, without its text, which is in the log.
   *
   * @throws HeadwayError the error of a choice, or `conflict` after the end
   */
  async outcome(): Promise<Pick<ChoiceResult, 'finishReason' | 'usage' | 'timings'>> {
    if (!this.#run)
      throw fieldError(
        { path: ['id'], message: `the generation ${this.id} has ended; watch it instead` },
        { code: 'conflict' },
      );
    return this.#run.result();
  }

  /**
   * The events in the log so far, adjacent tokens merged. It is not a view, and does not count as a viewer.
   *
   * @throws HeadwayError `generation-not-found` when the log has forgotten its beginning
   */
  async *past(): AsyncGenerator<GenerationEvent> {
    const log = this.#log;
    const { lastSeq } = log;
    for (let after = -1; after < lastSeq;) {
      const event = await log.next(after);
      if (!event) return;
      after = event.seq;
      yield event;
    }
  }

  info(): GenerationInfo {
    const {
      queuePosition = null,
      processed = null,
      cached = null,
      total = null,
      waiting,
      loaded,
    } = this.#prefill ?? {};
    const state = this.#state();
    const now = this.#endedAt ?? performance.now();
    return {
      id: this.id,
      model: this.#model,
      created: this.#created,
      state,
      queuePosition,
      processed,
      cached,
      total,
      completionTokens: this.#completionTokens,
      outcome: this.ended ? (this.#failure?.code ?? this.#finishReason) : null,
      viewers: this.#viewers.size,
      choices: this.#choices,
      elapsedMs: Math.round(now - this.#since),
      tokensPerSecond: this.#tokensPerSecond(now),
      ...(state === 'prefill' && { etaMs: this.#prefill?.etaMs ?? null, ...(waiting && { ahead: waiting.ahead }) }),
      ...(state === 'loading' && loaded !== undefined && { loaded }),
    };
  }

  /** Clears all timers. Views that close later set none. */
  release(): void {
    this.#held = false;
    clearTimeout(this.#grace);
    clearTimeout(this.#tooLate);
  }

  #state(): GenerationInfo['state'] {
    if (this.ended) return 'ended';
    if (!this.#prefill) return 'queued';
    const { phase, processed, total } = this.#prefill;
    return phase === 'prefill' && processed === total ? 'decode' : phase;
  }

  /** The speed of the prefill, then that of the decode. */
  #tokensPerSecond(now: number): number | null {
    if (this.#decodeFrom === null) return this.#prefill?.tokensPerSecond ?? null;
    const ms = now - this.#decodeFrom;
    return this.#completionTokens === 0 || ms <= 0 ? null : (this.#completionTokens * 1000) / ms;
  }

  #view(options: ViewOptions): GenerationView {
    const log = this.#log;
    if (options.after !== undefined && options.after > log.lastSeq) {
      const message = `event ${options.after} of ${this.id} does not exist yet; send the last id that you received`;
      throw fieldError({ path: ['lastEventId'], message });
    }
    return new GenerationView(options, {
      log,
      immediates: this.#options.immediates,
      json: this.#json,
      ended: () => this.ended,
      onClose: (closed, closeReason) => this.#onClose(closed, closeReason),
    });
  }

  async #open(view: GenerationView, { signal }: ViewOptions): Promise<GenerationView> {
    clearTimeout(this.#grace);
    this.#viewers.add(view);
    this.#options.onViewers(1);
    if (signal?.aborted) await view.return();
    try {
      await this.admitted;
      return view;
    } catch (refusal) {
      view.close('dropped');
      throw refusal;
    }
  }

  #onClose(view: GenerationView, closeReason: CloseReason): void {
    this.#viewers.delete(view);
    const owned = this.#ownViews.delete(view);
    if (!this.ended) {
      if (owned && closeReason === 'on-purpose' && this.#ownViews.size === 0) this.cancel();
      else if (this.#held && this.#viewers.size === 0) this.#startGrace();
    }
    this.#options.onViewers(-1);
  }

  #startGrace(): void {
    this.#grace = setTimeout(() => this.cancel('abandoned'), this.#options.graceMs);
    this.#grace.unref();
  }

  async #admit(run: Generation): Promise<void> {
    await run.admitted;
    await this.#firstEvent.promise;
    if (this.#model === 'default') this.#model = (await this.#options.engine.models())[0]?.id ?? this.#model;
  }

  /** Writes an event of the engine to the log. */
  #record(engineEvent: GenerationEvent): void {
    const event = engineEvent.type === 'error' ? withGraceTime(engineEvent, this.#options.graceMs) : engineEvent;
    this.#note(event);
    if (this.#log.lastSeq < 0) this.#firstEvent.resolve();
    const last = endsStream(event);
    // Ended before the append, so that a viewer that gets the last event finds the generation ended.
    if (last) {
      this.#run = null;
      this.#endedAt = performance.now();
      clearTimeout(this.#tooLate);
    }
    this.#log.append(event);
    if (!last) return;
    this.#options.onEnd(this);
    this.#end.resolve();
  }

  #addTokens(count: number): void {
    const before = this.#completionTokens;
    this.#completionTokens += count;
    this.#tokens.addDecoded(count);
    if (before <= this.#mostTokens && this.#completionTokens > this.#mostTokens) {
      // The engine is still writing the event.
      queueMicrotask(() => this.cancel('generation-timeout'));
    }
  }

  #notePrefill(event: PrefillEvent): void {
    const before = this.#prefill?.phase === 'prefill' ? this.#prefill : null;
    const now = performance.now();
    this.#prefill = event;
    this.#leftOut = event.leftOut ?? this.#leftOut;
    const { phase, processed, cached, total, estimated } = event;
    if (phase === 'prefill' && processed !== null && cached !== null && total !== null) {
      const evaluated = processed - (before?.processed ?? cached);
      if (evaluated > 0) this.#tokens.addPrefilled(evaluated, this.#prefillAt, now);
      if (!estimated) this.#countPrompt({ promptTokens: total, cachedTokens: cached });
      if (processed === total) this.#decodeFrom = now;
    }
    this.#prefillAt = now;
  }

  /** Counts the prompt once: when it is known, which for an estimate is at the end. */
  #countPrompt({ promptTokens, cachedTokens }: Pick<Usage, 'promptTokens' | 'cachedTokens'>): void {
    if (this.#promptCounted) return;
    this.#promptCounted = true;
    this.#tokens.addPrompt(promptTokens, cachedTokens);
  }

  #note(event: GenerationEvent): void {
    switch (event.type) {
      case 'prefill':
        this.#notePrefill(event);
        return;
      case 'span':
        return;
      case 'token':
        this.#addTokens(event.count);
        return;
      case 'done':
        if (event.index === 0) this.#finishReason = event.finishReason;
        this.#countPrompt(event.usage);
        return;
      case 'error':
        this.#failure ??= event;
        this.#countPrompt(event.usage);
        return;
      default:
        event satisfies never;
    }
  }
}
