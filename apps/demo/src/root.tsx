import { createClient } from '@headway/client';
import { useMemo, useState } from 'react';

import { App } from './app.tsx';
import { readTab, writeTab } from './shell/tab-storage.ts';

const key = 'headway-key';

/** The page with the client that it works through: another one when somebody gives another key. */
export function Root() {
  // In this tab alone, and never in a URL.
  const [apiKey, setApiKey] = useState(() => readTab(key));
  const client = useMemo(() => createClient(apiKey === null ? {} : { apiKey }), [apiKey]);

  const useKey = (given: string) => {
    writeTab(key, given);
    void client.close();
    setApiKey(given);
  };
  return <App key={apiKey} client={client} keyGiven={apiKey !== null} onKey={useKey} />;
}
