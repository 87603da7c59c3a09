/**
 * The same values; calls `onOver` once when they end, in whatever way: they are all read, one throws, the reader leaves
 * or `signal` aborts. A reader that tRPC gives up before its first value runs no `finally` of a generator.
 */
export function untilOver<T>(
  values: AsyncIterable<T>,
  { signal, onOver }: { signal: AbortSignal | undefined; onOver: () => void },
): AsyncIterable<T> {
  const over = () => {
    signal?.removeEventListener('abort', over);
    onOver();
  };
  if (signal?.aborted) over();
  else signal?.addEventListener('abort', over);
  return {
    [Symbol.asyncIterator]() {
      const iterator = values[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await iterator.next();
            if (result.done) over();
            return result;
          } catch (thrown) {
            over();
            throw thrown;
          }
        },
        async return() {
          over();
          return (await iterator.return?.()) ?? { done: true, value: undefined };
        },
        // tRPC hands back what `next` threw, and makes another error of it where nobody takes it.
        async throw(thrown: unknown) {
          over();
          throw thrown;
        },
      };
    },
  };
}
