import { createEngine, createVirtualClock, scripted, type ScriptedFault, type ScriptedOptions } from '@headway/engine';
import { EventSourceParserStream } from 'eventsource-parser/stream';

import { startGateway, type GatewayOptions } from '../../index.ts';

/** A gateway whose engine takes no time and writes what a script says. */
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
    /** Asks `/v1/chat/completions`. */
    chat: (body: object, init?: RequestInit) =>
      post('/v1/chat/completions', { messages: [{ role: 'user', content: 'one two three' }], ...body }, init),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

/** A script that goes wrong. */
export const faulty = (
  phase: ScriptedFault['phase'],
  does: ScriptedFault['does'],
  afterTokens = 1,
): ScriptedOptions => ({ script: { reply: 'one two three', fault: { phase, afterTokens, does } } });

/** One record of a stream of events: what it says of itself and its data, as they came. */
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

/** Reads a response's text as it comes; `until` resolves with all of it once that has come, and throws at the end. */
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
