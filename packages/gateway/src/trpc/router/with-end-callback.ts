/**
 * Yields the same values, and calls `onEnd` once when the stream ends: after its last value, on an error, when the
 * consumer returns, or when `signal` aborts. A generator's `finally` cannot do this, because it does not run when tRPC
 * drops the stream before its first value.
 */
export function withEndCallback<T>(
  values: AsyncIterable<T>,
  { signal, onEnd }: { signal: AbortSignal | undefined; onEnd: () => void },
): AsyncIterable<T> {
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    signal?.removeEventListener('abort', end);
    onEnd();
  };
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end);
  return {
    [Symbol.asyncIterator]() {
      const iterator = values[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await iterator.next();
            if (result.done) end();
            return result;
          } catch (thrown) {
            end();
            throw thrown;
          }
        },
        async return() {
          end();
          return (await iterator.return?.()) ?? { done: true, value: undefined };
        },
        // tRPC passes an error of `next` to `throw`, and replaces it by another error where `throw` is missing.
        async throw(thrown: unknown) {
          end();
          throw thrown;
        },
      };
    },
  };
}
