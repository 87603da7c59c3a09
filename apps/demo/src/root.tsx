import { createClient } from '@headway/client';
import { useMemo, useState } from 'react';

import { App } from './app.tsx';
import { readTab, writeTab } from './shell/tab-storage.ts';

const key = 'headway-key';

/** The page and its client. Another key makes another client. */
export function Root() {
  // The key stays in this tab and never becomes part of a URL.
  const [apiKey, setApiKey] = useState(() => readTab(key));
  const client = useMemo(() => createClient(apiKey === null ? {} : { apiKey }), [apiKey]);

  const useKey = (newKey: string) => {
    writeTab(key, newKey);
    void client.close();
    setApiKey(newKey);
  };
  return <App key={apiKey} client={client} hasKey={apiKey !== null} onKey={useKey} />;
}
