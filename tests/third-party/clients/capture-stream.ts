import type { EmbeddedGateway } from './embedded-gateway.ts';

export interface WireExample {
  /** What its block in the document is called. */
  name: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
}

/**
 * What the gateway answers, byte for byte, while somebody else has its only slot: the request queues, is read, and is
 * answered.
 */
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
    // Its headers are there, so that it waits for the slot.
    giveWay.abort();
    return await whole;
  } finally {
    giveWay.abort();
    await gone;
  }
}
