/**
 * Calls `onEvent` until it throws, or until a promise that it returned rejects; then calls `onFail`, once, and `onEvent`
 * never again.
 */
export function callUntilThrown<Event>(
  onEvent: (event: Event) => void,
  onFail: (thrown: unknown) => void,
): (event: Event) => void {
  let failed = false;
  const fail = (thrown: unknown): void => {
    if (failed) return;
    failed = true;
    onFail(thrown);
  };
  return (event) => {
    if (failed) return;
    try {
      const answer: unknown = onEvent(event);
      if (answer instanceof Promise) answer.catch(fail);
    } catch (thrown) {
      fail(thrown);
    }
  };
}
