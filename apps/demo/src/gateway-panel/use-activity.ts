import { isHeadwayError, type Activity, type HeadwayClient } from '@headway/client';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Watched {
  /** Null before the first answer. */
  activity: Activity | null;
  /** Whether the last question has found no answer. */
  away: boolean;
  /** Asks at once. */
  refresh: () => void;
}

const everyMs = 1000;

/** Asks what the gateway does, each second while the page is visible. */
export function useActivity(client: HeadwayClient): Watched {
  const [{ activity, away }, setSeen] = useState<Omit<Watched, 'refresh'>>({ activity: null, away: false });
  const asking = useRef<() => void>(() => undefined);

  useEffect(() => {
    let over = false;
    let next: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    const ask = async () => {
      if (busy || over) return;
      busy = true;
      clearTimeout(next);
      try {
        const answer = await client.activity();
        if (!over) setSeen({ activity: answer, away: false });
      } catch (thrown) {
        // After the user enters another key, the page has another client.
        if (isHeadwayError(thrown) && thrown.code === 'unauthorized') over = true;
        if (!over) setSeen((before) => ({ ...before, away: true }));
      }
      busy = false;
      if (!over && !document.hidden) next = setTimeout(() => void ask(), everyMs);
    };
    const onVisible = () => {
      if (!document.hidden) void ask();
    };
    asking.current = () => void ask();
    void ask();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      over = true;
      clearTimeout(next);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [client]);

  const refresh = useCallback(() => asking.current(), []);
  return { activity, away, refresh };
}
