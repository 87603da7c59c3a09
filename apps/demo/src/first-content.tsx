import { createClient } from '@headway/client';
import { renderToStaticMarkup } from 'react-dom/server';

// The build renders the page in Node.
globalThis.matchMedia ??= () => Object.assign(new EventTarget(), { matches: false }) as MediaQueryList;

const { App } = await import('./app.tsx');

/** The HTML of the page before its script runs: an empty chat that has not heard of the gateway. */
export function firstContent(): string {
  // The client opens no connection before an effect calls it.
  const client = createClient({ url: 'http://localhost' });
  return renderToStaticMarkup(<App client={client} hasKey={false} onKey={() => undefined} />);
}
