/** The longest wait for a frame. A page in the background draws no frames while its streams go on. */
const timeoutMs = 250;

/** Calls back at the next animation frame, or after 250 ms without one. Returns a function that cancels the call. */
export function nextFrame(callback: () => void): () => void {
  const cancel = () => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
  const run = () => {
    cancel();
    callback();
  };
  const timer = setTimeout(run, timeoutMs);
  const frame = typeof requestAnimationFrame === 'function' ? requestAnimationFrame(run) : undefined;
  return cancel;
}
