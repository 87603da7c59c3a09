/** A computation in small steps, which may be interrupted between them. */
export type Steps<Result> = Generator<void, Result>;

/** Time, in ms, after which other work on the event loop may run. */
const sliceMs = 15;

/** Runs all steps at once. */
export function runNow<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Runs the steps and regularly yields to the event loop. @throws the signal's reason when it aborts */
export async function runInSteps<Result>(steps: Steps<Result>, signal: AbortSignal): Promise<Result> {
  let since = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - since < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    since = performance.now();
  }
}
