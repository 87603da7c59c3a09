import { useCallback, useLayoutEffect, useRef, useState } from 'react';

import { pauseAfter } from './pace.ts';

/** The text to show: of a growing text, a render skips what arrives sooner than its cost allows. */
export function usePacedText(text: string, live: boolean) {
  const [shown, setShown] = useState(text);
  const next = useRef(0);
  useLayoutEffect(() => {
    if (!live || text === shown) return;
    const wait = next.current - performance.now();
    if (wait <= 0) {
      setShown(text);
      return;
    }
    const timer = setTimeout(() => setShown(text), wait);
    return () => clearTimeout(timer);
  }, [text, live, shown]);

  const onRendered = useCallback((costMs: number) => {
    next.current = performance.now() + pauseAfter(costMs);
  }, []);
  return { shown: live ? shown : text, onRendered };
}
