import { useEffect, useState } from 'react';

import { timeToGo } from '../words/quantities.ts';

/** Shows the seconds since it was mounted, so that something moves while the request waits. */
export function WaitingTime() {
  const seconds = useSeconds();
  if (seconds === 0) return null;
  return <p>waiting for {timeToGo(seconds * 1000)}</p>;
}

/** Whole seconds since the component was mounted. */
function useSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const start = performance.now();
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - start) / 1000)), 250);
    return () => clearInterval(timer);
  }, []);
  return seconds;
}
