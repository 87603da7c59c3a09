import { useEffect, useState } from 'react';

/** Whole seconds since `since`, in ms since 1970; without it, since the component was mounted. */
export function useSeconds(since?: number): number {
  const [mounted] = useState(() => Date.now());
  const start = since ?? mounted;
  const [now, setNow] = useState(mounted);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  // The clock of the machine may be set back.
  return Math.max(0, Math.floor((now - start) / 1000));
}
