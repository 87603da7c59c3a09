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
  type TokenEvent,
} from '@headway/protocol';

/**
 * What to call. `onPrefill` and `onToken` see each event as it comes; then exactly one of `onDone` and `onError` is
 * called, once. What a callback throws is reported like an error thrown in a timer, and the stream goes on.
 */
export interface GenerationCallbacks {
  onPrefill?: (event: PrefillEvent) => void;
  onToken?: (event: TokenEvent) => void;
  /**
   * Nothing has come for `stalledMs` while the prompt was read or the answer written: what the last event predicted no
   * longer holds. After 2 s (longer by `progressIntervalMs`), then each second until something comes.
   */
  onStall?: (stalledMs: number) => void;
  /** All choices have ended and none in an error; one that was cancelled is done, with `finishReason: 'cancelled'`. */
  onDone?: (result: GenerationResult) => void;
  /**
   * The request was refused, the connection was lost, or a choice ended in an error: the first such event. Or a progress
   * hook threw and `progressOptions` said `strict`: that, as `internal`.
   */
  onError?: (event: ErrorEvent) => void;
}

export interface GenerationSubscription {
  readonly id: string;
  /** Cancels the generation; no callback is called any more. */
  unsubscribe(): void;
}

/** Reads a generation into callbacks. */
export function subscribe(
  generation: Generation,
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
      last = event;
      if (!silent) watch.saw(event);
      switch (event.type) {
        case 'prefill':
          call(callbacks.onPrefill, event);
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
      // A progress hook's error, when the caller asked to hear of it.
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
  // Whatever code the hook's own error has, it is not the generation's.
  return { type: 'error', id, seq, index: 0, code: 'internal', message, retryable: false, usage, remaining: 0 };
}
