import type { EmbeddedGateway } from './embedded-gateway.ts';

export interface WireExample {
  /** The name of its block in the document. */
  name: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
}

/** The bytes of the gateway's response to a request that first waits in the queue for the only slot. */
export async function captureQueued(gateway: EmbeddedGateway, { path, headers, body }: WireExample): Promise<string> {
  const giveWay = new AbortController();
  const busy = gateway.engine.generate({ prompt: 'On and on', ignoreEos: true }, { signal: giveWay.signal });
  const gone = busy.result();
  await busy.admitted;
  try {
    const response = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const whole = response.text();
    // The response's headers have arrived, so the request is in the queue.
    giveWay.abort();
    return await whole;
  } finally {
    giveWay.abort();
    await gone;
  }
}
