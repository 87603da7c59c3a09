import type { Engine } from '@headway/engine';
import {
  deferred,
  endsStream,
  fieldError,
  type ChoiceResult,
  type ErrorCode,
  type ErrorEvent,
  type FinishReason,
  type GenerateRequest,
  type Generation,
  type GenerationEvent,
  type GenerationInfo,
  type PrefillEvent,
} from '@headway/protocol';

import type { GenerationLog } from './log/generation-log.ts';
import { GenerationView, type Leaving, type ViewOptions } from './generation-view.ts';
import type { NextTurn } from './next-turn.ts';

export interface SharedGenerationOptions {
  engine: Engine;
  owner: string;
  request: GenerateRequest & { id: string };
  /** Tells whether another request asks for the same (`requestFingerprint`). */
  fingerprint: string;
  log: GenerationLog;
  nextTurn: NextTurn;
  /** How long it goes on when its owner's connection dropped and nobody looks on, in ms. */
  graceMs: number;
  /** Its longest life, in ms, and the most tokens that all its choices write: then it ends in `generation-timeout`. */
  most: { ms: number; tokens: number };
  /** The last event is in the log. */
  onEnd: (generation: SharedGeneration) => void;
  /** A view was opened, or left. */
  onViewers: (change: 1 | -1) => void;
}

/**
 * One run of the engine with any number of viewers. It goes on whoever comes and goes, until it ends, an owner ends it,
 * or its owner's connection dropped and nobody came back within the grace time.
 */
export class SharedGeneration {
  readonly id: string;
  readonly owner: string;
  readonly fingerprint: string;
  /** Resolves when the engine took the request. Rejects with the HeadwayError by which it was refused. */
  readonly admitted: Promise<void>;
  /** Resolves at its end, when the log has its last event; never when the request was refused. */
  readonly over: Promise<void>;
  readonly #options: Omit<SharedGenerationOptions, 'request'>;
  readonly #created = Date.now();
  readonly #viewers = new Set<GenerationView>();
  readonly #owners = new Set<GenerationView>();
  /** The engine's end of it, until its end. */
  #run: Generation | null;
  #model: string;
  #grace: NodeJS.Timeout | undefined;
  readonly #tooLate: NodeJS.Timeout;
  /** Whether it lives by its owner's connection: one that was only asked for by post runs to its end. */
  #held = false;
  #prefill: PrefillEvent | null = null;
  #completionTokens = 0;
  #finishReason: FinishReason | null = null;
  #failure: ErrorEvent | null = null;
  #leftOut: readonly string[] = [];
  readonly #firstEvent = deferred();
  readonly #end = deferred();

  constructor(options: SharedGenerationOptions) {
    // The request may be megabytes, and is not kept as long as the log.
    const { request, ...kept } = options;
    const { engine, owner, fingerprint } = options;
    this.#options = kept;
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
    void this.#record(run);
  }

  get ended(): boolean {
    return this.#run === null;
  }

  /** Whether it failed in a way that the same request, sent again, may not. */
  get worthAnotherTry(): boolean {
    return this.ended && this.#failure?.retryable === true;
  }

  /** Whether a viewer who has had everything up to `after` has had all of it. */
  read(after: number | undefined): boolean {
    return this.ended && after !== undefined && after === this.#options.log.lastSeq;
  }

  /** Bytes of its log. */
  get bytes(): number {
    return this.#options.log.bytes;
  }

  /** What the model that answers is called; known once `admitted`, also when the default one was asked for. */
  get model(): string {
    return this.#model;
  }

  /** What of the request's schemas is not kept, by field; known once `admitted`, unless the model was still loading then. */
  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  get created(): number {
    return this.#created;
  }

  /**
   * A view for whoever asked for it, once the engine took the request. When the last of its owners leaves on purpose it is
   * cancelled. One who resumes takes the place of those before: what is left of them is a connection that dropped and
   * has not noticed yet.
   *
   * @throws HeadwayError why the request was refused, or `invalid-request` when `after` is an event that has not come
   */
  async own(options: ViewOptions = {}): Promise<GenerationView> {
    const view = this.#view(options);
    if (options.after !== undefined) this.#owners.clear();
    this.#owners.add(view);
    this.#held = true;
    return this.#open(view, options);
  }

  /** A view for somebody who looks on, and whose leaving never cancels. @throws as `own` */
  async watch(options: ViewOptions = {}): Promise<GenerationView> {
    return this.#open(this.#view(options), options);
  }

  /** False when it has ended. */
  cancel(reason: 'cancelled' | ErrorCode = 'cancelled'): boolean {
    return this.#run !== null && this.#options.engine.cancel(this.id, reason, this.owner);
  }

  /**
   * How it ends, for whoever asks while it runs; what was written is in the log alone.
   *
   * @throws HeadwayError when a choice ended in an error, `conflict` after the end
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
   * What the log has by now, neighbouring tokens as one. It is no view: nobody is counted as looking on.
   *
   * @throws HeadwayError `generation-not-found` when the log has forgotten its beginning
   */
  async *past(): AsyncGenerator<GenerationEvent> {
    const { log } = this.#options;
    const { lastSeq } = log;
    for (let after = -1; after < lastSeq;) {
      const event = await log.next(after);
      if (!event) return;
      after = event.seq;
      yield event;
    }
  }

  info(): GenerationInfo {
    const { queuePosition = null, processed = null, cached = null, total = null } = this.#prefill ?? {};
    return {
      id: this.id,
      model: this.#model,
      created: this.#created,
      state: this.#state(),
      queuePosition,
      processed,
      cached,
      total,
      completionTokens: this.#completionTokens,
      outcome: this.ended ? (this.#failure?.code ?? this.#finishReason) : null,
      viewers: this.#viewers.size,
    };
  }

  /** Leaves no timer behind, whoever leaves it later. */
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

  #view(options: ViewOptions): GenerationView {
    const { log, nextTurn } = this.#options;
    if (options.after !== undefined && options.after > log.lastSeq) {
      const message = `event ${options.after} of ${this.id} has not come yet; send the last one that did`;
      throw fieldError({ path: ['lastEventId'], message });
    }
    return new GenerationView(options, {
      log,
      nextTurn,
      ended: () => this.ended,
      onLeave: (left, leaving) => this.#onLeave(left, leaving),
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
      view.leave('dropped');
      throw refusal;
    }
  }

  #onLeave(view: GenerationView, leaving: Leaving): void {
    this.#viewers.delete(view);
    const owned = this.#owners.delete(view);
    if (!this.ended) {
      if (owned && leaving === 'on-purpose' && this.#owners.size === 0) this.cancel();
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

  /** Writes what the engine says to the log, whoever reads it. */
  async #record(run: Generation): Promise<void> {
    for await (const event of run) {
      this.#note(event);
      this.#firstEvent.resolve();
      const last = endsStream(event);
      // Whoever hears of the last event finds it ended.
      if (last) {
        this.#run = null;
        clearTimeout(this.#tooLate);
      }
      this.#options.log.append(event);
      if (!last) continue;
      this.#options.onEnd(this);
      this.#end.resolve();
    }
  }

  #addTokens(count: number): void {
    const before = this.#completionTokens;
    this.#completionTokens += count;
    const { tokens } = this.#options.most;
    if (before <= tokens && this.#completionTokens > tokens) this.cancel('generation-timeout');
  }

  #note(event: GenerationEvent): void {
    switch (event.type) {
      case 'prefill':
        this.#prefill = event;
        this.#leftOut = event.leftOut ?? this.#leftOut;
        return;
      case 'token':
        this.#addTokens(event.count);
        return;
      case 'done':
        if (event.index === 0) this.#finishReason = event.finishReason;
        return;
      case 'error':
        this.#failure ??= event;
        return;
      default:
        event satisfies never;
    }
  }
}
