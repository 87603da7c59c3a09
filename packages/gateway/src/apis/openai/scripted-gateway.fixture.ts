import { createEngine, createVirtualClock, scripted, type ScriptedFault, type ScriptedOptions } from '@headway/engine';
import { EventSourceParserStream } from 'eventsource-parser/stream';

import { startGateway, type GatewayOptions } from '../../index.ts';

/** Starts a gateway whose engine runs on a virtual clock and writes the answers of a script. */
export async function openScriptedGateway(
  options: ScriptedOptions = {},
  engineOptions: { parallel?: number; maxQueue?: number } = {},
  gatewayOptions: Partial<GatewayOptions> = {},
) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, ...options }), clock, ...engineOptions });
  const gateway = await startGateway({ engine, port: 0, ...gatewayOptions });
  const post = (path: string, body: object, { headers, ...init }: RequestInit = {}) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      body: JSON.stringify(body),
      ...init,
    });
  return {
    engine,
    gateway,
    post,
    /** Posts to `/v1/chat/completions`. */
    chat: (body: object, init?: RequestInit) =>
      post('/v1/chat/completions', { messages: [{ role: 'user', content: 'one two three' }], ...body }, init),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

/** A script with a fault. */
export const faulty = (
  phase: ScriptedFault['phase'],
  does: ScriptedFault['does'],
  afterTokens = 1,
): ScriptedOptions => ({ script: { reply: 'one two three', fault: { phase, afterTokens, does } } });

/** A record of an event stream: its event name and its data. */
export interface SseRecord {
  event: string | undefined;
  data: string;
}

export async function recordsOf(response: Response): Promise<SseRecord[]> {
  const records: SseRecord[] = [];
  const events = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { event, data } of events ?? []) records.push({ event, data });
  return records;
}

/**
 * Reads a response as it arrives. `until` resolves with the text so far once it matches, and throws at the stream's
 * end.
 */
export function reading(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) {
      const part = await reader?.read();
      if (!part || part.done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
      text += part.value;
    }
    return text;
  };
  return { until };
}
