// @vitest-environment happy-dom
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { ConnectionInfo, HeadwayClient } from '../create-client.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { useConnection } from './use-connection.ts';

test('useConnection renders each state of the connection, and unsubscribes when it unmounts', async () => {
  const listeners = new Set<() => void>();
  let state: ConnectionState = { phase: 'open', transport: 'websocket' };
  const connection: ConnectionInfo = {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const client = { connection } as HeadwayClient;
  const Phase = () => createElement('p', null, useConnection(client).phase);
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  onTestFinished(() => container.remove());
  root.render(createElement(Phase));
  await vi.waitUntil(() => container.textContent === 'open');
  state = { phase: 'reconnecting', transport: null };
  for (const listener of listeners) listener();
  await vi.waitUntil(() => container.textContent === 'reconnecting');
  root.unmount();
  await expect.poll(() => listeners.size).toBe(0);
});
