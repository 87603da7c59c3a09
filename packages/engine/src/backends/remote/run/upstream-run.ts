import { abortable, deferred, HeadwayError, toHeadwayError, type SpanProgress } from '@headway/protocol';

import type { PrefillReport } from '../../../backend/backend.ts';
import type { Clock } from '../../../timing/clock.ts';
import type { UpstreamCall } from '../dialects/dialect.ts';
import { ndjsonItems } from '../stream/ndjson-items.ts';
import { sseItems } from '../stream/sse-items.ts';
import type { AnswerReader, StreamItem, UpstreamSignal, UpstreamUsage } from '../stream/upstream-signal.ts';
import { failureInStream, failureOfConnection, failureOfEnd, UpstreamFailure } from '../http/upstream-error.ts';
import type { Upstream } from '../upstream.ts';
import type { Answer } from '../http/upstream-http.ts';
import { ChoiceStream } from '../choice-stream.ts';
import { PrefillWatch } from './prefill-watch.ts';
import type { RemotePrompt } from '../remote-prompt.ts';

/** A request to an upstream, and the choices that it answers. */
export interface ChoiceCall {
  call: UpstreamCall;
  choices: readonly number[];
}

export interface UpstreamRunOptions {
  upstream: Upstream;
  prompt: RemotePrompt;
  /** One call for all choices, or one for each. */
  calls: readonly ChoiceCall[];
  clock: Clock;
  /** The caller's: the run ends and closes its connections when it aborts. */
  signal: AbortSignal;
  /** Aborts when the caller cancels that choice; a request that is for no other choice is closed then. */
  signalOf: (choice: number) => AbortSignal;
  /** Silence after which the upstream is checked, in ms. */
  silenceMs: number;
  onReport: (report: PrefillReport) => void;
  /** Tells how far a span is read, before the first token. */
  onSpan: (span: SpanProgress) => void;
  /** Tells what the upstream does not enforce of the request's schemas. */
  onLeftOut: (leftOut: string[]) => void;
  /** Whether another upstream could take the request, so that it need not wait until this one has loaded its model. */
  mayMove: () => boolean;
  /** Called once, when every choice has ended. `failure`: the upstream's, if it had one. */
  onOver: (failure: UpstreamFailure | null) => void;
}

/** How long a usage chunk may follow a choice's end, and the end of the stream its last choice, in ms. */
const usageMs = 1000;
/** Time between two tries while the upstream still loads its model, in ms. */
const loadingMs = 500;
/** How long a cancelled upstream may take to end its answers before the connections are closed, in ms. */
const leaveMs = 300;

/** One generation at one upstream: its requests, and what they say. */
export class UpstreamRun {
  readonly choices: readonly ChoiceStream[];
  readonly #options: UpstreamRunOptions;
  readonly #watch: PrefillWatch;
  readonly #first = deferred();
  readonly #abort = new AbortController();
  readonly #ended = deferred();
  /** The requests under way, by the choices that they answer. */
  readonly #answering = new Map<readonly ChoiceStream[], AbortController>();
  #failure: UpstreamFailure | null = null;
  #open: number;
  #begun = false;
  #settled = false;
  #over = false;
  #cancelLeaving: (() => void) | null = null;
  #cancelUsageTimer: (() => void) | null = null;
  #cancelSilence: (() => void) | null = null;
  /** Checks since something came. */
  #silences = 0;
  #heardAt = 0;

  /** Sends the requests at once. */
  constructor(options: UpstreamRunOptions) {
    this.#options = options;
    const { prompt, calls, upstream, clock, signal, signalOf, onReport } = options;
    this.choices = Array.from({ length: prompt.request.choices }, () => new ChoiceStream());
    this.#open = calls.length;
    const tellsAll = calls.every(({ call }) => call.reportsProgress);
    const reports = tellsAll || upstream.dialect?.reportsProgress === true;
    this.#watch = new PrefillWatch({
      upstream,
      prompt,
      clock,
      signal: this.#abort.signal,
      reports,
      tellsAll,
      // An upstream that still has to confirm the cancel goes on for a moment.
      onReport: (report) => {
        if (!signal.aborted) onReport(report);
      },
    });
    this.#first.promise.catch(() => undefined);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#heard();
    for (const one of calls) void this.#answer(one);
    if (signal.aborted) this.#onAbort();
    else if (this.choices.length > 1) this.#watchChoices(signalOf);
  }

  /**
   * Resolves with the first token, or at an end without any.
   *
   * @throws UpstreamFailure when nothing was written; the caller's signal's reason, once nothing of the run is left
   */
  async untilFirstToken(): Promise<void> {
    const { signal } = this.#options;
    try {
      await abortable(this.#first.promise, signal);
    } catch (thrown) {
      if (signal.aborted) await this.#ended.promise;
      throw thrown;
    }
  }

  /** Closes the connections and stops the timers. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abort.abort();
    this.#cancelLeaving?.();
    this.#cancelUsageTimer?.();
    this.#cancelSilence?.();
    const { signal } = this.#options;
    signal.removeEventListener('abort', this.#onAbort);
    if (signal.aborted) for (const choice of this.choices) choice.fail(signal.reason);
    this.#settle();
    this.#ended.resolve();
  }

  /** Every choice has ended; the upstream may still have to end its stream. */
  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#watch.end();
    this.#options.onOver(this.#failure);
  }

  /** Closes the connections; where that stops nothing, tells the upstream and waits a moment for its end. */
  readonly #onAbort = (): void => {
    const { calls, upstream, clock } = this.#options;
    const paths = calls.flatMap(({ call }) => call.cancelPath ?? []);
    for (const path of paths) upstream.giveUp(path);
    if (paths.length === 0) this.close();
    else this.#cancelLeaving = clock.after(leaveMs, () => this.close());
  };

  #watchChoices(signalOf: UpstreamRunOptions['signalOf']): void {
    for (const [index, choice] of this.choices.entries()) {
      const signal = signalOf(index);
      const drop = () => this.#drop(choice, signal);
      if (signal.aborted) drop();
      else signal.addEventListener('abort', drop, { once: true, signal: this.#abort.signal });
    }
  }

  /** Ends a choice that the caller cancelled. What a request for several choices says of it is ignored from then on. */
  #drop(choice: ChoiceStream, { reason }: AbortSignal): void {
    if (this.#over || this.#options.signal.aborted) return;
    choice.fail(reason);
    for (const [choices, abort] of this.#answering) if (choices.every(({ over }) => over)) abort.abort(reason);
  }

  async #answer({ call, choices: indexes }: ChoiceCall): Promise<void> {
    const choices = this.choices.filter((_, index) => indexes.includes(index));
    const own = new AbortController();
    this.#answering.set(choices, own);
    const signal = AbortSignal.any([this.#abort.signal, own.signal]);
    let begun = false;
    let ended = false;
    try {
      await this.#watch.ready;
      const answer = await this.#send(call, signal);
      begun = true;
      await this.#read(answer, call, choices);
      ended = true;
      if (choices.some(({ told, over }) => !told && !over)) throw failureOfEnd();
      for (const choice of choices) this.#finish(choice);
    } catch (thrown) {
      if (signal.aborted) return;
      const failure = thrown instanceof UpstreamFailure ? thrown : failureOf(thrown);
      this.#failed(failure, choices);
    } finally {
      this.#answering.delete(choices);
      // The upstream would run on for nobody.
      if (begun && !ended && call.cancelPath) this.#options.upstream.giveUp(call.cancelPath);
      this.#open--;
      if (this.#open === 0) this.#close();
    }
  }

  /** All calls are over. */
  #close(): void {
    this.#first.resolve();
    this.close();
  }

  /** Sends the request; a server that still loads its model is asked again until it has. */
  async #send(call: UpstreamCall, signal: AbortSignal): Promise<Answer> {
    const { upstream, clock } = this.#options;
    const { path, body, headers } = call;
    for (let waits = 0; ;) {
      const answer = await upstream.ask(path, { body, ...(headers && { headers }), signal });
      this.#heard();
      if (answer.status === 200) return answer;
      const failure = await upstream.failureOf(answer);
      if (failure.fault === 'loading' && !this.#options.mayMove()) {
        this.#watch.take({ type: 'loading', loaded: null });
        await clock.sleep(loadingMs, signal);
      } else if (failure.fault === 'wait' && this.#options.calls.length > 1 && waits++ < mostWaits) {
        // The other choices are under way, so this one waits for its turn by itself.
        await clock.sleep(Math.min(failure.retryAfterMs ?? loadingMs, longestWaitMs), signal);
      } else {
        throw failure;
      }
    }
  }

  async #read(answer: Answer, call: UpstreamCall, choices: readonly ChoiceStream[]): Promise<void> {
    const reader = call.createReader();
    for await (const items of itemsOf(answer, call)) {
      this.#heard();
      for (const item of items) this.#take(item, reader, choices);
    }
  }

  /** `choices`: those that the answer is about. */
  #take(item: StreamItem, reader: AnswerReader, choices: readonly ChoiceStream[]): void {
    for (const signal of reader.read(item)) {
      switch (signal.type) {
        case 'piece':
          this.#begin();
          this.choices[signal.choice]?.push(signal.piece);
          break;
        case 'span':
          if (!this.#begun && !this.#options.signal.aborted) this.#options.onSpan(signal.span);
          break;
        case 'choice-end': {
          const choice = this.choices[signal.choice];
          if (choice && !choice.over) choice.told = signal.end;
          this.#awaitUsage();
          break;
        }
        case 'usage':
          this.#count(signal.usage);
          break;
        case 'choice-failed': {
          const choice = this.choices[signal.choice];
          if (choice) this.#failed(failureInStream(signal.said, this.#options.upstream.http), [choice]);
          break;
        }
        case 'left-out':
          this.#options.onLeftOut(signal.leftOut);
          break;
        case 'failed':
          throw failureInStream(signal.said, this.#options.upstream.http);
        case 'end':
          for (const choice of choices) this.#finish(choice);
          if (choices.some(({ over }) => !over) && !this.#options.signal.aborted) throw failureOfEnd();
          break;
        default:
          this.#watch.take(signal satisfies UpstreamSignal);
      }
    }
  }

  /** The first token: the prompt has been read. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#watch.firstToken();
    this.#first.resolve();
  }

  #count(usage: UpstreamUsage): void {
    this.#watch.usage(usage);
    const choice = this.choices[usage.choice ?? -1];
    if (!choice || choice.over) return;
    const untold = (usage.completionTokens ?? 0) - choice.counted;
    // The upstream wrote several tokens in a chunk, or tokens without text.
    if (choice.told && untold > 0 && this.#options.prompt.request.logprobs === undefined) {
      choice.push({ text: '', count: untold, channel: 'content' });
    }
    if (choice.told && usage.last) this.#finish(choice);
  }

  #finish(choice: ChoiceStream): void {
    if (choice.over || !choice.told || this.#options.signal.aborted) return;
    choice.end({ ...choice.told, usage: this.#watch.counted });
    if (this.choices.every(({ over }) => over)) {
      this.#first.resolve();
      this.#settle();
    }
  }

  /** The usage follows the end in a chunk of its own, or never. */
  #awaitUsage(): void {
    this.#cancelUsageTimer?.();
    this.#cancelUsageTimer = this.#options.clock.after(usageMs, () => {
      for (const choice of this.choices) this.#finish(choice);
      if (this.choices.every(({ over }) => over)) this.close();
    });
  }

  #failed(failure: UpstreamFailure, choices: readonly ChoiceStream[]): void {
    this.#failure ??= failure;
    const all =
      choices.length === this.choices.length || this.choices.every((one) => one.over || choices.includes(one));
    if (!this.#begun && all) this.#first.reject(failure);
    if (this.#options.signal.aborted) return;
    for (const choice of choices) {
      if (choice.told) this.#finish(choice);
      else choice.fail(failure.error);
    }
  }

  #fellSilent(ms: number): void {
    const error = new HeadwayError(
      'upstream-failed',
      `the upstream said nothing for ${Math.round(ms / 1000)} s; send the request again`,
    );
    this.#failed(new UpstreamFailure(error, { fault: 'upstream' }), this.choices);
    this.close();
  }

  #heard(): void {
    if (this.#over) return;
    this.#heardAt = this.#options.clock.now();
    this.#silences = 0;
    // A timer that rings early finds the later time; one for each chunk would cost more than the chunk.
    if (!this.#cancelSilence) this.#awaitSilence(this.#options.silenceMs);
  }

  /** After a long silence the upstream is checked: a long prefill may be silent, a dead server is, too. */
  #awaitSilence(ms: number): void {
    const { clock, silenceMs } = this.#options;
    this.#cancelSilence = clock.after(ms, () => {
      this.#cancelSilence = null;
      const left = this.#heardAt + silenceMs - clock.now();
      if (left > 0) this.#awaitSilence(left);
      else void this.#checkSilence();
    });
  }

  async #checkSilence(): Promise<void> {
    const { upstream, clock, silenceMs } = this.#options;
    const checkMs = Math.min(longestCheckMs, silenceMs);
    const since = clock.now();
    const late = new AbortController();
    const cancel = clock.after(checkMs, () => late.abort());
    try {
      await upstream.check(AbortSignal.any([late.signal, this.#abort.signal]));
      if (this.#over || this.#heardAt > since) return;
      this.#silences++;
      // A prompt may be read for minutes. An answer that has begun goes on, however many prompts are read beside it.
      if (this.#begun && this.#silences >= mostSilences) this.#fellSilent(silenceMs * this.#silences);
      else this.#awaitSilence(silenceMs);
    } catch {
      if (this.#over || this.#heardAt > since) return;
      this.#fellSilent(silenceMs * (this.#silences + 1) + checkMs);
    } finally {
      cancel();
    }
  }
}

/** Longest time for the check of a silent upstream, in ms; it is never longer than the silence that was allowed. */
const longestCheckMs = 5000;
/** So many silences in a row end an answer that has begun, even where the upstream answers checks. */
const mostSilences = 4;
/** How often a choice that has its own request waits for its turn, and how long at most, in ms. */
const mostWaits = 5;
const longestWaitMs = 60_000;

/** The items of an answer. A server that does not stream answers with one JSON value. */
async function* itemsOf(answer: Answer, { format }: UpstreamCall): AsyncGenerator<StreamItem[]> {
  if (format === 'ndjson') {
    yield* ndjsonItems(answer.body);
  } else if (answer.header('content-type')?.includes('application/json')) {
    yield [{ kind: 'event', name: undefined, data: await answer.text(64_000_000) }];
  } else {
    yield* sseItems(answer.body);
  }
}

function failureOf(thrown: unknown): UpstreamFailure {
  if (thrown instanceof HeadwayError) return new UpstreamFailure(toHeadwayError(thrown), { fault: 'upstream' });
  return failureOfConnection(thrown);
}
