import {
  noUsage,
  StallWatch,
  toHeadwayError,
  type ErrorEvent,
  type GenerateInput,
  type Generation,
  type GenerationEvent,
  type GenerationResult,
  type PrefillEvent,
  type SpanEvent,
  type SummaryEvent,
  type TokenEvent,
} from '@headway/protocol';

/**
 * Callbacks for a generation. `onPrefill`, `onSpan` and `onToken` receive each event as it arrives; then exactly one of `onDone` and
 * `onError` is called, once. An error that a callback throws is reported as uncaught, and the stream goes on.
 */
export interface GenerationCallbacks {
  onPrefill?: (event: PrefillEvent) => void;
  /** How far one of the request's `spans` is read, during prefill; never called for a request without them. */
  onSpan?: (event: SpanEvent) => void;
  onToken?: (event: TokenEvent) => void;
  /**
   * No event has arrived for `stalledMs` during prefill or decode: the last event's prediction no longer holds. Called after
   * 2 s (plus `progressIntervalMs`), then each second until the next event.
   */
  onStall?: (stalledMs: number) => void;
  /**
   * How far all choices are, at most every 200 ms (`summary: { everyMs }` changes that); the last time just before
   * `onDone` or `onError`. See `SummaryEvent`.
   */
  onSummary?: (summary: SummaryEvent) => void;
  /** All choices have ended, none of them in an error. A cancelled choice has `finishReason: 'cancelled'`. */
  onDone?: (result: GenerationResult) => void;
  /**
   * The gateway refused the request, the connection was lost for good, or a choice ended in an error: the first such
   * event. A progress hook that throws while `progressOptions.strict` is set also ends here, as `internal`.
   */
  onError?: (event: ErrorEvent) => void;
}

export interface GenerationSubscription {
  readonly id: string;
  /** Cancels the generation. No callback is called afterwards. */
  unsubscribe(): void;
}

/** Passes a generation's events to callbacks. */
export function subscribe(
  generation: Generation<GenerationEvent | SummaryEvent>,
  callbacks: GenerationCallbacks,
  { progressIntervalMs }: Pick<GenerateInput, 'progressIntervalMs'> = {},
): GenerationSubscription {
  let silent = false;
  const watch = new StallWatch({ progressIntervalMs, onStall: (stalledMs) => call(callbacks.onStall, stalledMs) });

  function call<Value>(callback: ((value: Value) => void) | undefined, value: Value): void {
    if (silent) return;
    try {
      callback?.(value);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }

  async function deliver(): Promise<void> {
    let failure: ErrorEvent | null = null;
    let last: GenerationEvent | null = null;
    for await (const event of generation) {
      if (event.type === 'summary') {
        call(callbacks.onSummary, event);
        continue;
      }
      last = event;
      if (!silent) watch.saw(event);
      switch (event.type) {
        case 'prefill':
          call(callbacks.onPrefill, event);
          break;
        case 'span':
          call(callbacks.onSpan, event);
          break;
        case 'token':
          call(callbacks.onToken, event);
          break;
        case 'done':
          break;
        case 'error':
          failure ??= event;
          break;
        default:
          event satisfies never;
      }
    }
    if (failure) return call(callbacks.onError, failure);
    try {
      call(callbacks.onDone, await generation.result());
    } catch (thrown) {
      // No event failed, so this is a progress hook's error with `strict`.
      call(callbacks.onError, hookFailure(generation.id, last, thrown));
    }
  }

  void deliver();
  return {
    id: generation.id,
    unsubscribe() {
      silent = true;
      watch.stop();
      void generation.cancel();
    },
  };
}

function hookFailure(id: string, last: GenerationEvent | null, thrown: unknown): ErrorEvent {
  const { message } = toHeadwayError(thrown);
  const usage = last && 'usage' in last ? last.usage : noUsage;
  const seq = last ? last.seq + 1 : 0;
  // The hook's error may have a code of its own, which says nothing about the generation.
  return { type: 'error', id, seq, index: 0, code: 'internal', message, retryable: false, usage, remaining: 0 };
}
