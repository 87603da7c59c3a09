/** Longest wait for a frame. A page in the background has none, and its streams go on. */
const withinMs = 250;

/** Calls back at the next animation frame, or after a quarter of a second where there is none. Returns what takes it back. */
export function nextFrame(callback: () => void): () => void {
  const cancel = () => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
  const run = () => {
    cancel();
    callback();
  };
  const timer = setTimeout(run, withinMs);
  const frame = typeof requestAnimationFrame === 'function' ? requestAnimationFrame(run) : undefined;
  return cancel;
}
