import type { HeadwayClient } from '@headway/client';
import { useCallback, useRef, useState } from 'react';

import type { Gateway } from '../shell/use-gateway.ts';
import { cacheWords, connectionWords, memoryWords, summaryWords } from './activity-words.ts';
import { ModelSlots } from './model-slots.tsx';
import type { RequestActions } from './request-row.tsx';
import { SpeedCurve } from './speed-curve.tsx';
import { useActivity } from './use-activity.ts';
import { WaitingQueue } from './waiting-queue.tsx';
import '../styles/gateway-panel.css';

interface GatewayPanelProps {
  client: HeadwayClient;
  gateway: Gateway;
  /** The page's own name of a request, such as its chat's title; null for a request from elsewhere. */
  titleOf?: (id: string) => string | null;
  /** Shows a request's answer. Without it, requests cannot be watched here. */
  onWatch?: (id: string) => void;
}

/**
 * What the gateway does: slots, queue, speed, cache and connections. It asks each second while it is mounted, so load it and
 * mount it only when the user opens it.
 */
export function GatewayPanel({ client, gateway, titleOf, onWatch }: GatewayPanelProps) {
  const { activity, away, refresh } = useActivity(client);
  const { cancelling, notice, cancel } = useCancelling(client, refresh);
  const summary = useRef<HTMLParagraphElement>(null);
  const actions: RequestActions = {
    titleOf,
    onWatch,
    cancelling,
    onCancel: (id, title) => {
      void cancel(id, title);
      // The row with the button goes away.
      summary.current?.focus();
    },
  };
  const gone = away || gateway.connection === 'lost';
  const own = new Map(activity?.generations.map((info) => [info.id, info]));
  const memory = activity && memoryWords(activity);
  return (
    <section className="gateway-panel" aria-label="Gateway" data-away={gone}>
      <h2 className="visually-hidden">Gateway</h2>
      <p className="visually-hidden" role="status">
        {notice}
      </p>
      {activity && (
        <p className="panel-summary" ref={summary} tabIndex={-1}>
          {summaryWords(activity)}
        </p>
      )}
      {gone && <p className="panel-away">The gateway does not answer. The page keeps asking.</p>}
      {!activity && !gone && <p className="panel-soft">Asking the gateway</p>}
      {activity && (
        <>
          {activity.models.map((model) => (
            <ModelSlots key={model.id} model={model} own={own} actions={actions} />
          ))}
          {memory && <p className="panel-soft">{memory}</p>}
          <section aria-label="Queue">
            <h3>Queue</h3>
            <WaitingQueue activity={activity} actions={actions} />
          </section>
          <section aria-label="Speed">
            <h3>Speed</h3>
            <SpeedCurve name="Read" values={activity.rates.prefill} rates={activity.rates} />
            <SpeedCurve name="Written" values={activity.rates.decode} rates={activity.rates} />
          </section>
          <section aria-label="Cache">
            <h3>Cache</h3>
            <p className="panel-soft">{cacheWords(activity)}</p>
          </section>
          <section aria-label="Connections">
            <h3>Connections</h3>
            <p className="panel-soft">{connectionWords(activity)}</p>
          </section>
        </>
      )}
    </section>
  );
}

/** Cancels requests, and says how that went. */
function useCancelling(client: HeadwayClient, refresh: () => void) {
  const [cancelling, setCancelling] = useState<ReadonlySet<string>>(new Set());
  const [notice, setNotice] = useState('');
  const cancel = useCallback(
    async (id: string, title: string) => {
      setCancelling((before) => new Set(before).add(id));
      try {
        setNotice((await client.cancel(id)) ? `${title} is cancelled` : `${title} had ended`);
      } catch {
        setNotice(`${title} could not be cancelled: the gateway does not answer`);
      }
      setCancelling((before) => new Set([...before].filter((one) => one !== id)));
      refresh();
    },
    [client, refresh],
  );
  return { cancelling, notice, cancel };
}
