/**
 * Runs calls one after the other. A call whose signal has aborted by its turn is not made, so of calls that replace each
 * other at most two run: the one under way, whose answer nobody needs any more, and the latest.
 */
export function oneAtATime(): <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (call, signal) => {
    const turn = last.then(() => {
      signal.throwIfAborted();
      return call();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}
