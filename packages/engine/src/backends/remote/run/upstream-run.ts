import { abortable, deferred, HeadwayError, toHeadwayError } from '@headway/protocol';

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

export interface UpstreamRunOptions {
  upstream: Upstream;
  prompt: RemotePrompt;
  /** One call for all choices, or one for each. */
  calls: readonly UpstreamCall[];
  clock: Clock;
  /** The caller's: the run ends and closes its connections when it aborts. */
  signal: AbortSignal;
  /** Silence after which the upstream is checked, in ms. */
  silenceMs: number;
  onReport: (report: PrefillReport) => void;
  /** Called once, when nothing of the run is left. `failure`: the upstream's, if it had one. */
  onOver: (failure: UpstreamFailure | null) => void;
}

/** How long a usage chunk may follow a choice's end, and the end of the stream its last choice, in ms. */
const usageMs = 1000;
/** Time between two tries while the upstream still loads its model, in ms. */
const loadingMs = 500;

/** One generation at one upstream: its requests, and what they say. */
export class UpstreamRun {
  readonly choices: readonly ChoiceStream[];
  readonly #options: UpstreamRunOptions;
  readonly #watch: PrefillWatch;
  readonly #first = deferred();
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  #failure: UpstreamFailure | null = null;
  #open: number;
  #begun = false;
  #over = false;
  #cancelUsageTimer: (() => void) | null = null;
  #cancelSilence: (() => void) | null = null;
  #heardAt = 0;

  /** Sends the requests at once. */
  constructor(options: UpstreamRunOptions) {
    this.#options = options;
    const { prompt, calls, upstream, clock, signal, onReport } = options;
    this.choices = Array.from({ length: prompt.request.choices }, () => new ChoiceStream());
    this.#signal = AbortSignal.any([signal, this.#abort.signal]);
    this.#open = calls.length;
    this.#watch = new PrefillWatch({ upstream, prompt, clock, signal: this.#signal, onReport });
    this.#first.promise.catch(() => undefined);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#heard();
    for (const [at, call] of calls.entries()) void this.#answer(call, at);
  }

  /**
   * Resolves with the first token, or at an end without any.
   *
   * @throws UpstreamFailure when nothing was written; the caller's signal's reason
   */
  untilFirstToken(): Promise<void> {
    return abortable(this.#first.promise, this.#options.signal);
  }

  /** Closes the connections and stops the timers. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abort.abort();
    this.#watch.end();
    this.#cancelUsageTimer?.();
    this.#cancelSilence?.();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#options.onOver(this.#failure);
  }

  readonly #onAbort = (): void => {
    for (const choice of this.choices) choice.fail(this.#options.signal.reason);
    this.close();
  };

  async #answer(call: UpstreamCall, at: number): Promise<void> {
    const choices = this.#choicesOf(at);
    try {
      await this.#read(await this.#send(call), call);
      if (choices.some(({ told, over }) => !told && !over)) throw failureOfEnd();
      for (const choice of choices) this.#finish(choice);
    } catch (thrown) {
      if (this.#over) return;
      const failure = thrown instanceof UpstreamFailure ? thrown : failureOf(thrown);
      this.#failed(failure, choices);
    } finally {
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
  async #send(call: UpstreamCall): Promise<Answer> {
    const { upstream, clock } = this.#options;
    const { path, body, headers } = call;
    for (;;) {
      const answer = await upstream.ask(path, { body, ...(headers && { headers }), signal: this.#signal });
      this.#heard();
      if (answer.status === 200) return answer;
      const failure = await upstream.failureOf(answer);
      if (failure.fault !== 'loading') throw failure;
      this.#watch.take({ type: 'loading', loaded: null });
      await clock.sleep(loadingMs, this.#signal);
    }
  }

  async #read(answer: Answer, call: UpstreamCall): Promise<void> {
    const reader = call.createReader();
    for await (const items of itemsOf(answer, call)) {
      this.#heard();
      for (const item of items) this.#take(item, reader);
    }
  }

  #take(item: StreamItem, reader: AnswerReader): void {
    for (const signal of reader.read(item)) {
      switch (signal.type) {
        case 'piece':
          this.#begin();
          this.choices[signal.choice]?.push(signal.piece);
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
        case 'failed':
          throw failureInStream(signal.said, this.#options.upstream.http);
        case 'end':
          for (const choice of this.choices) if (choice.told) this.#finish(choice);
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

  /** Which choices a call answers. */
  #choicesOf(at: number): readonly ChoiceStream[] {
    const choice = this.choices[at];
    return this.#options.calls.length > 1 && choice ? [choice] : this.choices;
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
    if (choice.told) this.#finish(choice);
  }

  #finish(choice: ChoiceStream): void {
    if (choice.over || !choice.told) return;
    choice.end({ ...choice.told, usage: this.#watch.counted });
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
    for (const choice of choices) {
      if (choice.told) this.#finish(choice);
      else choice.fail(failure.error);
    }
  }

  /** Something came. After a long silence the upstream is checked: a long prefill may be silent, a dead server is, too. */
  #heard(): void {
    this.#heardAt = this.#options.clock.now();
    // A timer that rings early finds the later time; one for each chunk would cost more than the chunk.
    if (!this.#cancelSilence) this.#watchSilence(this.#options.silenceMs);
  }

  #watchSilence(ms: number): void {
    const { clock, silenceMs } = this.#options;
    this.#cancelSilence = clock.after(ms, () => {
      this.#cancelSilence = null;
      const left = this.#heardAt + silenceMs - clock.now();
      if (left > 0) this.#watchSilence(left);
      else void this.#checkSilence();
    });
  }

  async #checkSilence(): Promise<void> {
    const { upstream, clock, silenceMs } = this.#options;
    const checkMs = Math.min(longestCheckMs, silenceMs);
    const late = new AbortController();
    const cancel = clock.after(checkMs, () => late.abort());
    try {
      await upstream.check(AbortSignal.any([late.signal, this.#signal]));
      if (!this.#over) this.#heard();
    } catch {
      if (this.#over) return;
      const seconds = Math.round((silenceMs + checkMs) / 1000);
      const error = new HeadwayError(
        'upstream-failed',
        `the upstream said nothing for ${seconds} s; send the request again`,
      );
      this.#failed(new UpstreamFailure(error, { fault: 'upstream' }), this.choices);
      this.close();
    } finally {
      cancel();
    }
  }
}

/** Longest time for the check of a silent upstream, in ms; it is never longer than the silence that was allowed. */
const longestCheckMs = 5000;

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
