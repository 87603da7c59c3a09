import { useState } from 'react';

import { App } from './app.tsx';
import { openSession } from './chats/session.ts';
import { ErrorBoundary } from './failure/error-boundary.tsx';
import { readTab, writeTab } from './shell/tab-storage.ts';
import type { Shelf } from './storage/shelf.ts';

const key = 'headway-key';

/** Opens the session of a tab with the key that it kept. The key stays in the tab and never becomes part of a URL. */
export const openFirstSession = (shelf: Shelf) => openSession(shelf, readTab(key));

interface RootProps {
  shelf: Shelf;
  first: ReturnType<typeof openSession>;
}

/** The page and its session. Another key makes another session. */
export function Root({ shelf, first }: RootProps) {
  const [session, setSession] = useState({ ...first, number: 0 });
  const useKey = (newKey: string) => {
    writeTab(key, newKey);
    session.close();
    setSession({ ...openSession(shelf, newKey), number: session.number + 1 });
  };
  return (
    <ErrorBoundary what="The page">
      <App key={session.number} session={session} shelf={shelf} onKey={useKey} />
    </ErrorBoundary>
  );
}
