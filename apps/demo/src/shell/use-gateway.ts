import { isHeadwayError, type HeadwayClient, type Status } from '@headway/client';
import { useEffect, useState } from 'react';

/** The gateway's condition, as far as the page knows. */
export interface Gateway {
  /** `locked`: the gateway needs a key, or refused the one it got. */
  connection: 'connecting' | 'connected' | 'lost' | 'locked';
  /** The latest status; null before the first reply. */
  status: Status | null;
}

const everyMs = 3000;
const everyMsWhileLoading = 500;
/** A reply that takes longer than this is shown as missing; the page still waits for it. */
const patienceMs = 2000;

/** Polls the gateway's status while the page is visible, and at once when `occasion` changes. */
export function useGateway(client: HeadwayClient, occasion: unknown): Gateway {
  const [gateway, setGateway] = useState<Gateway>({ connection: 'connecting', status: null });

  useEffect(() => {
    let over = false;
    let ready = true;
    let locked = false;
    let next: ReturnType<typeof setTimeout> | undefined;
    const learn = (change: (before: Gateway) => Gateway) => {
      if (!over) setGateway(change);
    };

    const ask = async () => {
      const patience = setTimeout(
        () => learn(({ status }) => ({ connection: status ? 'lost' : 'connecting', status })),
        patienceMs,
      );
      try {
        const status = await client.status();
        ready = status.ready;
        learn(() => ({ connection: 'connected', status }));
      } catch (thrown) {
        locked = isHeadwayError(thrown) && thrown.code === 'unauthorized';
        learn(({ status }) => ({ connection: locked ? 'locked' : 'lost', status }));
      }
      clearTimeout(patience);
      clearTimeout(next);
      // After the user enters another key, Root makes another client.
      if (!over && !locked && !document.hidden)
        next = setTimeout(() => void ask(), ready ? everyMs : everyMsWhileLoading);
    };

    const onVisible = () => {
      if (!document.hidden && !locked) void ask();
    };

    void ask();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      over = true;
      clearTimeout(next);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [client, occasion]);

  return gateway;
}
