import {
  errorData,
  type FinishReason,
  type GenerationEvent,
  type HeadwayError,
  type PrefillEvent,
  type SpanProgress,
  type Speculation,
  type TokenEvent,
  type ToolCall,
  type Usage,
} from '@headway/protocol';

import type { DecodedPiece, DecodeEnd, PrefillReport, Prompt } from '../backend/backend.ts';
import type { Clock } from '../timing/clock.ts';
import type { BegunStream } from '../port/engine-port.ts';
import type { SchemaCheck } from '../grammar/schema-check.ts';
import { SpanReports, type PlacedSpans } from '../spans/span-reports.ts';
import { tokensPerSecond } from '../timing/prefill-rate.ts';

export interface EventWriterOptions {
  id: string;
  /** Choices of the generation; each ends independently. */
  choices: number;
  /** How many spans the request has. */
  spans: number;
  clock: Clock;
  emit: (event: GenerationEvent) => void;
  /** Least time between two `prefill` events, in ms. The first and the last are always written. */
  progressIntervalMs: number;
  /** Present when the first events were written elsewhere; the writer continues their numbering. */
  begun?: BegunStream | undefined;
}

/** A prompt that waits for the prefill of others reports at least this often, in ms. */
const longestSilenceMs = 500;

type RemoteProgress = Omit<PrefillReport & { phase: 'prefill' }, 'phase'>;
type RemoteWait = PrefillReport & { phase: 'queued' | 'loading' };

/** What is known of the rest of a prefill. */
interface Outlook {
  /** Time until its end, in ms; null before any chunk was measured. */
  etaMs: number | null;
  /** Prompts that are prefilled first. */
  ahead: number;
}

interface Choice {
  completionTokens: number;
  firstToken: number | null;
  speculation: Speculation | null;
  /** The content so far, when it is checked against a schema at the end. */
  text: string;
  ended: boolean;
}

/** Writes one generation's events: numbers them, sums usage and timings, and ends each choice exactly once. */
export class EventWriter {
  readonly #options: Omit<EventWriterOptions, 'clock' | 'emit'>;
  readonly #clock: Clock;
  readonly #emit: (event: GenerationEvent) => void;
  readonly #started: number;
  readonly #choices: readonly Choice[];
  #open: number;
  #seq = 0;
  #total: number | null = null;
  #prefillEnd = 0;
  #cached: number | null = null;
  #processed = 0;
  #prefillFrom: number | null = null;
  /** Start of the current prefill pause, during which the model reads other prompts; null while there is none. */
  #pausedSince: number | null = null;
  /** Sum of the earlier pauses. */
  #pausedMs = 0;
  #lastProgress = 0;
  #prefillReported = false;
  #lastLoading = Number.NEGATIVE_INFINITY;
  /** The share of the model that the last `loading` event had. */
  #loaded: number | null;
  #decodeFrom: number | null = null;
  #schemaCheck: SchemaCheck | null = null;
  #leftOut: string[] = [];
  #leftOutReported = false;
  /** Whether the numbers of the prefill are guesses. */
  #estimated = false;
  /** Null without spans. */
  #spans: SpanReports | null = null;

  constructor({ clock, emit, ...options }: EventWriterOptions) {
    this.#options = options;
    this.#clock = clock;
    this.#emit = emit;
    this.#started = clock.now() - (options.begun?.elapsedMs ?? 0);
    this.#seq = options.begun?.nextSeq ?? 0;
    this.#loaded = options.begun?.loaded ?? null;
    const ended = options.begun?.ended ?? [];
    this.#open = options.choices - ended.length;
    this.#choices = Array.from({ length: options.choices }, (_, index) => ({
      completionTokens: 0,
      firstToken: null,
      speculation: null,
      text: '',
      ended: ended.includes(index),
    }));
  }

  /** Sets what the answers are checked against. The next `prefill` event lists newly left-out schema fields. */
  setSchemaCheck(schemaCheck: SchemaCheck): void {
    const { leftOut } = schemaCheck;
    if (leftOut.join() !== this.#leftOut.join()) this.#leftOutReported = false;
    this.#schemaCheck = schemaCheck;
    this.#leftOut = leftOut;
  }

  /** Whether any event was written. */
  get begun(): boolean {
    return this.#seq > 0;
  }

  /** `loaded`: the share of the model that is in memory; null when unknown. */
  loading(loaded: number | null): void {
    const now = this.#clock.now();
    if (now - this.#lastLoading < this.#options.progressIntervalMs && loaded !== 1) return;
    this.#lastLoading = now;
    // A process that is started again begins anew, but what a caller was told never decreases.
    if (loaded !== null) this.#loaded = Math.max(loaded, this.#loaded ?? 0);
    this.#prefill({
      phase: 'loading',
      queuePosition: null,
      processed: null,
      cached: null,
      total: null,
      ...(this.#loaded !== null && { loaded: this.#loaded }),
    });
  }

  /** `forecast`: prompt tokens that the request would reuse if it got a slot now. */
  queued(queuePosition: number, forecast: number, total: number): void {
    this.#total = total;
    this.#prefill({ phase: 'queued', queuePosition, processed: forecast, cached: forecast, total });
  }

  /**
   * Reports prefill progress. In the first call `processed` is the number of reused tokens, in the last it equals
   * `total`.
   */
  prefillProgress(processed: number, prompt: Pick<Prompt, 'total' | 'prefillEnd' | 'spans'>, outlook: Outlook): void {
    const { total, prefillEnd } = prompt;
    const { etaMs, ahead } = outlook;
    this.#placeSpans(prompt);
    const now = this.#clock.now();
    this.#prefillFrom ??= now;
    this.#cached ??= processed;
    this.#processed = processed;
    this.#total = total;
    this.#prefillEnd = prefillEnd;
    const first = processed === this.#cached;
    const last = processed === total;
    if (last) this.#decodeFrom = now;
    if (!first && !last && now - this.#lastProgress < this.#options.progressIntervalMs) return;
    this.#reportPrefill(last ? 0 : etaMs, first && !last ? ahead : 0);
  }

  /** Reports what a remote server says of its own queue, or of loading the model; nothing once prefill has begun. */
  remoteWait(report: RemoteWait, prompt: Pick<Prompt, 'total'>): void {
    if (this.#prefillFrom !== null) return;
    if (report.phase === 'loading') return this.loading(report.loaded);
    const { phase, position, cached = 0, total = prompt.total } = report;
    this.#prefill({ phase, queuePosition: position, processed: cached, cached, total });
  }

  /** Sets what a remote server does not enforce; the next `prefill` event lists it. */
  remoteLeftOut(leftOut: string[]): void {
    if (leftOut.join() === this.#leftOut.join()) return;
    this.#leftOut = leftOut;
    this.#leftOutReported = false;
  }

  /** Reports the prefill of a remote server: `cached` and `total` stay as in the first report, `processed` grows. */
  remoteProgress({ processed, cached, total, etaMs, ahead = 0, estimated }: RemoteProgress, prompt: PlacedSpans): void {
    this.#placeSpans(prompt);
    const now = this.#clock.now();
    if (ahead > 0) this.pausePrefill();
    else if (this.#pausedSince !== null) this.resumePrefill();
    if (this.#prefillFrom === null) {
      this.#prefillFrom = now;
      this.#prefillEnd = this.#total = Math.max(1, total);
      this.#processed = this.#cached = Math.max(0, Math.min(cached, this.#total - 1));
      this.#estimated = estimated;
      this.#reportPrefill(etaMs, ahead);
    } else if (ahead > 0 && processed === this.#processed) {
      this.#reportPrefill(etaMs, ahead);
    }
    if (processed <= this.#processed) return;
    const end = this.#total ?? total;
    this.#processed = Math.min(processed, end);
    const last = this.#processed === end;
    if (last) this.#decodeFrom = now;
    if (!last && now - this.#lastProgress < this.#options.progressIntervalMs) return;
    this.#reportPrefill(last ? 0 : etaMs, last ? 0 : ahead);
  }

  /** The remote server has written its first token, so it has read the prompt. */
  remotePrefilled(prompt: Pick<Prompt, 'total' | 'guessed' | 'spans'>): void {
    const total = (this.#prefillFrom === null ? null : this.#total) ?? prompt.total;
    const cached = this.#cached ?? 0;
    this.remoteProgress({ processed: total, cached, total, etaMs: 0, estimated: prompt.guessed ?? false }, prompt);
  }

  /**
   * Takes what a remote server tells of a span. It is reported with the prefill, the first time at once. Of spans that the
   * request does not have a server may tell any number, so they are ignored.
   */
  remoteSpan(span: SpanProgress): void {
    const { spans } = this.#options;
    if (span.of !== spans || !Number.isInteger(span.number) || span.number < 1 || span.number > spans) return;
    const all = (this.#spans ??= new SpanReports()).tell(span);
    if (all && this.#prefillReported) this.#reportSpans();
  }

  /** The model reads other prompts from now on. */
  pausePrefill(): void {
    this.#pausedSince ??= this.#clock.now();
  }

  /** The model reads this prompt again. */
  resumePrefill(): void {
    this.#pausedMs += this.#clock.now() - (this.#pausedSince ?? this.#clock.now());
    this.#pausedSince = null;
  }

  /** Reports that other prompts are read first, unless the last `prefill` event is less than half a second old. */
  prefillWaiting({ etaMs, ahead }: Outlook): void {
    const silence = Math.max(longestSilenceMs, this.#options.progressIntervalMs);
    if (this.#clock.now() - this.#lastProgress >= silence) this.#reportPrefill(etaMs, ahead);
  }

  token(index: number, { text, count, channel, toolCall, logprobs }: DecodedPiece): void {
    const now = this.#clock.now();
    const choice = this.#choice(index);
    choice.firstToken ??= now;
    choice.completionTokens += count;
    if (channel === 'content' && this.#schemaCheck?.checksText) choice.text += text;
    const event: TokenEvent = {
      type: 'token',
      seq: this.#seq,
      index,
      text,
      count,
      completionTokens: choice.completionTokens,
      tokensPerSecond: tokensPerSecond(this.#decoded(choice), now - (this.#decodeFrom ?? now)) ?? 0,
      channel,
    };
    if (toolCall) event.toolCall = toolCall;
    if (logprobs) event.logprobs = logprobs;
    this.#write(event);
  }

  /** Sets the choice's speculation counts, which `done` reports; call it before `done`. */
  setSpeculation(index: number, speculation: Speculation): void {
    this.#choice(index).speculation = speculation;
  }

  done(
    index: number,
    finishReason: FinishReason,
    { toolCalls = [], stopString, usage, told }: Partial<Omit<DecodeEnd, 'reason'>> = {},
  ): void {
    const now = this.#clock.now();
    const choice = this.#choice(index);
    const { firstToken, text } = choice;
    const { speculation = choice.speculation, ...checked } = told ?? this.#checked(finishReason, text, toolCalls);
    const prefillEnd = this.#decodeFrom ?? now;
    const prefillMs = this.#prefillFrom === null ? 0 : prefillEnd - this.#prefillFrom;
    const decodeMs = this.#decodeFrom === null ? 0 : now - this.#decodeFrom;
    this.#write({
      type: 'done',
      ...this.#end(index, usage),
      finishReason,
      ...(stopString !== undefined && { stopString }),
      timings: {
        queuedMs: (this.#prefillFrom ?? now) - this.#started,
        prefillMs,
        decodeMs,
        timeToFirstTokenMs: firstToken === null ? null : firstToken - this.#started,
        prefillTokensPerSecond: tokensPerSecond(this.#evaluated(), this.#prefillingMs(prefillEnd)),
        decodeTokensPerSecond: tokensPerSecond(this.#decoded(choice), decodeMs),
        ...(speculation && { speculation }),
      },
      toolCalls,
      ...checked,
    });
  }

  error(index: number, error: HeadwayError): void {
    this.#write({ type: 'error', ...this.#end(index), ...errorData(error) });
  }

  /** Indexes of the choices that have not ended. */
  open(): number[] {
    return this.#choices.flatMap(({ ended }, index) => (ended ? [] : [index]));
  }

  /** Time from the start of prefill to `end` without the pauses, in ms. */
  #prefillingMs(end: number): number {
    return (this.#pausedSince ?? end) - (this.#prefillFrom ?? end) - this.#pausedMs;
  }

  #reportPrefill(etaMs: number | null, ahead: number): void {
    const now = this.#clock.now();
    const [processed, cached] = [this.#processed, this.#cached ?? 0];
    this.#lastProgress = now;
    // What a prefill event sums up comes before it, but for the first one, with which the generation may begin.
    const first = !this.#prefillReported;
    if (!first) this.#reportSpans();
    this.#prefillReported = true;
    this.#prefill({
      phase: 'prefill',
      queuePosition: null,
      processed,
      cached,
      total: this.#total,
      tokensPerSecond: tokensPerSecond(this.#evaluated(), this.#prefillingMs(now)),
      etaMs,
      ...(ahead > 0 && { waiting: { ahead } }),
    });
    if (first) this.#reportSpans();
  }

  #placeSpans(prompt: PlacedSpans): void {
    if (prompt.spans) this.#spans ??= new SpanReports();
    this.#spans?.place(prompt);
  }

  #reportSpans(): void {
    const [processed, cached, total] = [this.#processed, this.#cached ?? 0, this.#total ?? 0];
    for (const span of this.#spans?.due({ processed, cached, total }) ?? [])
      this.#write({ type: 'span', seq: this.#seq, index: 0, ...span });
  }

  #prefill(
    fields: Pick<PrefillEvent, 'phase' | 'queuePosition' | 'processed' | 'cached' | 'total'> & Partial<PrefillEvent>,
  ) {
    this.#write({
      type: 'prefill',
      ...(this.#seq === 0 && { id: this.#options.id }),
      seq: this.#seq,
      index: 0,
      elapsedMs: this.#clock.now() - this.#started,
      tokensPerSecond: null,
      etaMs: null,
      estimated: this.#estimated,
      ...fields,
      ...this.#newlyLeftOut(),
    });
  }

  #newlyLeftOut(): { leftOut?: string[] } {
    if (this.#leftOut.length === 0 || this.#leftOutReported) return {};
    this.#leftOutReported = true;
    return { leftOut: this.#leftOut };
  }

  /** How far the answer fits the request's schemas. One that was cut off cannot be checked. */
  #checked(finishReason: FinishReason, text: string, toolCalls: readonly ToolCall[]): NonNullable<DecodeEnd['told']> {
    const complete = finishReason === 'stop' || finishReason === 'tool-calls';
    const fit = complete ? this.#schemaCheck?.check(text, toolCalls) : null;
    return {
      ...(this.#leftOut.length > 0 && { leftOut: this.#leftOut }),
      ...(fit && { fitsSchema: fit.fits }),
      ...(fit?.fits === false && { misfits: fit.misfits }),
    };
  }

  /** Prompt tokens evaluated in prefill. The last one may count as processed although decoding evaluates it. */
  #evaluated(): number {
    return Math.min(this.#processed, this.#prefillEnd) - (this.#cached ?? 0);
  }

  /** Tokens of a choice that decoding computed: prefill may have drawn the first one. */
  #decoded({ completionTokens }: Choice): number {
    return this.#prefillEnd === this.#total ? completionTokens - 1 : completionTokens;
  }

  /** Ends a choice and returns the fields that `done` and `error` share. */
  #end(index: number, counted?: DecodeEnd['usage']) {
    const choice = this.#choice(index);
    choice.ended = true;
    this.#open--;
    const total = counted?.promptTokens ?? this.#total;
    const usage: Usage = {
      promptTokens: counted?.promptTokens ?? this.#processed,
      ...(total !== null && { promptTotal: total }),
      cachedTokens: counted?.cachedTokens ?? this.#cached ?? 0,
      completionTokens: choice.completionTokens,
    };
    return { id: this.#options.id, seq: this.#seq, index, usage, remaining: this.#open };
  }

  /** @throws Error when the choice has ended: a bug of the caller */
  #choice(index: number): Choice {
    const choice = this.#choices[index];
    if (!choice || choice.ended) throw new Error(`choice ${index} has ended; no event may follow its end`);
    return choice;
  }

  #write(event: GenerationEvent): void {
    this.#seq++;
    this.#emit(event);
  }
}
