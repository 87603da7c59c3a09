import {
  errorData,
  type FinishReason,
  type GenerationEvent,
  type HeadwayError,
  type PrefillEvent,
  type Speculation,
  type TokenEvent,
  type ToolCall,
  type Usage,
} from '@headway/protocol';

import type { DecodedPiece } from '../backend/backend.ts';
import type { Clock } from '../timing/clock.ts';
import type { BegunStream } from '../port/engine-port.ts';
import type { KeptSchemas, SchemaFit } from '../grammar/kept-schemas.ts';
import { tokensPerSecond } from '../timing/prefill-rate.ts';

export interface EventWriterOptions {
  id: string;
  /** Answers to the prompt; each ends by itself. */
  choices: number;
  clock: Clock;
  emit: (event: GenerationEvent) => void;
  /** Least time between two `prefill` events, in ms; the first and the last are always written. */
  progressIntervalMs: number;
  /** Where to go on when its first events have been written elsewhere. */
  begun?: BegunStream | undefined;
}

/** A prompt that waits for others says so this often, in ms. */
const longestSilenceMs = 500;

interface Choice {
  completionTokens: number;
  firstToken: number | null;
  speculation: Speculation | null;
  /** The content, where it is to be judged. */
  text: string;
  ended: boolean;
}

/** Writes one generation's events: numbers them, adds up usage and timings, and ends each choice exactly once. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #started: number;
  readonly #choices: readonly Choice[];
  #open: number;
  #seq = 0;
  #total: number | null = null;
  #cached: number | null = null;
  #processed = 0;
  #prefillFrom: number | null = null;
  /** Since when other prompts are read, and how long that was before, in ms. */
  #waitsSince: number | null = null;
  #waitedMs = 0;
  #lastProgress = 0;
  #decodeFrom: number | null = null;
  #schemas: KeptSchemas | null = null;
  #leftOut: string[] = [];
  #leftOutTold = false;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#started = options.clock.now() - (options.begun?.elapsedMs ?? 0);
    this.#seq = options.begun?.nextSeq ?? 0;
    this.#open = options.choices;
    this.#choices = Array.from({ length: options.choices }, () => ({
      completionTokens: 0,
      firstToken: null,
      speculation: null,
      text: '',
      ended: false,
    }));
  }

  /** The schemas that the answers are held to: what was left out of them is told from now on, and again when it is more. */
  keeps(schemas: KeptSchemas): void {
    const { leftOut } = schemas;
    if (leftOut.join() !== this.#leftOut.join()) this.#leftOutTold = false;
    this.#schemas = schemas;
    this.#leftOut = leftOut;
  }

  /** Whether any event has been written. */
  get begun(): boolean {
    return this.#seq > 0;
  }

  loading(): void {
    this.#prefill({ phase: 'loading', queuePosition: null, processed: null, cached: null, total: null });
  }

  /** `forecast`: prompt tokens that will probably be reused. */
  queued(queuePosition: number, forecast: number, total: number): void {
    this.#total = total;
    this.#prefill({ phase: 'queued', queuePosition, processed: forecast, cached: forecast, total });
  }

  /**
   * The first call says what was reused, the last one has processed = total. `etaMs`: until the prompt is read; `ahead`:
   * prompts that are read first.
   */
  processing(processed: number, total: number, { etaMs, ahead }: { etaMs: number | null; ahead: number }): void {
    const now = this.#options.clock.now();
    this.#prefillFrom ??= now;
    this.#cached ??= processed;
    this.#processed = processed;
    this.#total = total;
    const first = processed === this.#cached;
    const last = processed === total;
    if (last) this.#decodeFrom = now;
    if (!first && !last && now - this.#lastProgress < this.#options.progressIntervalMs) return;
    this.#reportProcessing(last ? 0 : etaMs, first && !last ? ahead : 0);
  }

  /** From here on others are read. */
  waits(): void {
    this.#waitsSince ??= this.#options.clock.now();
  }

  /** It is this prompt's turn. */
  reads(): void {
    this.#waitedMs += this.#options.clock.now() - (this.#waitsSince ?? this.#options.clock.now());
    this.#waitsSince = null;
  }

  /** Others are read before this prompt: says so when nothing has been said for half a second. */
  stillProcessing({ etaMs, ahead }: { etaMs: number | null; ahead: number }): void {
    const silence = Math.max(longestSilenceMs, this.#options.progressIntervalMs);
    if (this.#options.clock.now() - this.#lastProgress >= silence) this.#reportProcessing(etaMs, ahead);
  }

  token(index: number, { text, count, channel, toolCall, logprobs }: DecodedPiece): void {
    const now = this.#options.clock.now();
    const choice = this.#choice(index);
    choice.firstToken ??= now;
    choice.completionTokens += count;
    if (channel === 'content' && this.#schemas?.judgesText) choice.text += text;
    const event: TokenEvent = {
      type: 'token',
      seq: this.#seq,
      index,
      text,
      count,
      completionTokens: choice.completionTokens,
      tokensPerSecond: tokensPerSecond(choice.completionTokens, now - (this.#decodeFrom ?? now)) ?? 0,
      channel,
    };
    if (toolCall) event.toolCall = toolCall;
    if (logprobs) event.logprobs = logprobs;
    this.#write(event);
  }

  /** What was guessed ahead; comes before the end, if at all. */
  speculated(index: number, speculation: Speculation): void {
    this.#choice(index).speculation = speculation;
  }

  done(
    index: number,
    finishReason: FinishReason,
    { toolCalls = [], stopString }: { toolCalls?: ToolCall[]; stopString?: string | undefined } = {},
  ): void {
    const now = this.#options.clock.now();
    const { completionTokens, firstToken, speculation, text } = this.#choice(index);
    const fit = this.#fit(finishReason, text, toolCalls);
    const prefillEnd = this.#decodeFrom ?? now;
    const prefillMs = this.#prefillFrom === null ? 0 : prefillEnd - this.#prefillFrom;
    const decodeMs = this.#decodeFrom === null ? 0 : now - this.#decodeFrom;
    this.#write({
      type: 'done',
      ...this.#end(index),
      finishReason,
      ...(stopString !== undefined && { stopString }),
      timings: {
        queuedMs: (this.#prefillFrom ?? now) - this.#started,
        prefillMs,
        decodeMs,
        timeToFirstTokenMs: firstToken === null ? null : firstToken - this.#started,
        prefillTokensPerSecond: tokensPerSecond(this.#evaluated(), this.#readingMs(prefillEnd)),
        decodeTokensPerSecond: tokensPerSecond(completionTokens, decodeMs),
        ...(speculation && { speculation }),
      },
      toolCalls,
      ...(this.#leftOut.length > 0 && { leftOut: this.#leftOut }),
      ...(fit && { fitsSchema: fit.fits }),
      ...(fit?.fits === false && { misfits: fit.misfits }),
    });
  }

  error(index: number, error: HeadwayError): void {
    this.#write({ type: 'error', ...this.#end(index), ...errorData(error) });
  }

  /** The choices that have not ended, by index. */
  open(): number[] {
    return this.#choices.flatMap(({ ended }, index) => (ended ? [] : [index]));
  }

  /** Time in which this prompt was read, in ms. */
  #readingMs(end: number): number {
    return (this.#waitsSince ?? end) - (this.#prefillFrom ?? end) - this.#waitedMs;
  }

  #reportProcessing(etaMs: number | null, ahead: number): void {
    const now = this.#options.clock.now();
    const [processed, cached] = [this.#processed, this.#cached ?? 0];
    this.#lastProgress = now;
    this.#prefill({
      phase: 'prefill',
      queuePosition: null,
      processed,
      cached,
      total: this.#total,
      tokensPerSecond: tokensPerSecond(this.#evaluated(), this.#readingMs(now)),
      etaMs,
      ...(ahead > 0 && { waiting: { ahead } }),
    });
  }

  #prefill(
    fields: Pick<PrefillEvent, 'phase' | 'queuePosition' | 'processed' | 'cached' | 'total'> & Partial<PrefillEvent>,
  ) {
    this.#write({
      type: 'prefill',
      ...(this.#seq === 0 && { id: this.#options.id }),
      seq: this.#seq,
      index: 0,
      elapsedMs: this.#options.clock.now() - this.#started,
      tokensPerSecond: null,
      etaMs: null,
      estimated: false,
      ...fields,
      ...this.#newlyLeftOut(),
    });
  }

  #newlyLeftOut(): { leftOut?: string[] } {
    if (this.#leftOut.length === 0 || this.#leftOutTold) return {};
    this.#leftOutTold = true;
    return { leftOut: this.#leftOut };
  }

  /** Only what is whole can be judged. */
  #fit(finishReason: FinishReason, text: string, toolCalls: readonly ToolCall[]): SchemaFit | null {
    if (finishReason !== 'stop' && finishReason !== 'tool-calls') return null;
    return this.#schemas?.judge(text, toolCalls) ?? null;
  }

  /** Prompt tokens that were really read: the last one is counted as read, but left to the first decoding step. */
  #evaluated(): number {
    const counted = this.#processed - (this.#cached ?? 0);
    return this.#processed === this.#total ? counted - 1 : counted;
  }

  /** Ends a choice; what its last event has in common with others. */
  #end(index: number) {
    const choice = this.#choice(index);
    choice.ended = true;
    this.#open--;
    const usage: Usage = {
      promptTokens: this.#processed,
      ...(this.#total !== null && { promptTotal: this.#total }),
      cachedTokens: this.#cached ?? 0,
      completionTokens: choice.completionTokens,
    };
    return { id: this.#options.id, seq: this.#seq, index, usage, remaining: this.#open };
  }

  /** A choice that goes on. */
  #choice(index: number): Choice {
    const choice = this.#choices[index];
    if (!choice || choice.ended) throw new Error(`choice ${index} has ended, and nothing comes after its end`);
    return choice;
  }

  #write(event: GenerationEvent): void {
    this.#seq++;
    this.#options.emit(event);
  }
}
