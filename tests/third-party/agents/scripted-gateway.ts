import { createClient, type HeadwayClient } from '@headway/client';
import { createEngine, scripted, type Script } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { messageText, type GenerateRequest } from '@headway/protocol';

import { recordGenerations, type RecordedGeneration } from '../recorded-engine.ts';

export const modelId = 'scripted-model';

export interface ScriptedGateway extends AsyncDisposable {
  url: string;
  /** All generations so far, the oldest first. */
  generations: readonly RecordedGeneration[];
  /** A client that inspects the gateway. */
  headway: HeadwayClient;
}

export interface ScriptedGatewayOptions {
  /** A tool that the model calls once, when it is offered. The next answer repeats its result. @default none */
  toolCall?: { name: string; arguments: () => object };
  /** Context size in tokens, which are words here. @default 65_536 */
  contextSize?: number;
  /** @default 100_000 */
  prefillTokensPerSecond?: number;
}

/**
 * A gateway over a scripted model: no small model uses the tools of an agent by itself, and a large one would take
 * minutes for an agent's prompt.
 */
export async function startScripted({
  toolCall,
  contextSize = 65_536,
  prefillTokensPerSecond = 100_000,
}: ScriptedGatewayOptions = {}): Promise<ScriptedGateway> {
  const speed = { prefillTokensPerSecond, decodeTokensPerSecond: 500 };
  const script = (request: GenerateRequest): Partial<Script> => ({ ...speed, ...answer(request, toolCall) });
  const backend = scripted({ modelId, contextSize, script });
  const { engine, generations } = recordGenerations(await createEngine({ backend, parallel: 2 }));
  const gateway = await startGateway({ engine, port: 0 });
  const headway = createClient({ url: gateway.url });
  return {
    url: gateway.url,
    generations,
    headway,
    async [Symbol.asyncDispose]() {
      await headway.close();
      await gateway.close();
      await engine.close();
    },
  };
}

function answer({ messages = [], tools = [] }: GenerateRequest, toolCall: ScriptedGatewayOptions['toolCall']) {
  const result = messages.findLast(({ role }) => role === 'tool');
  if (result) return { reply: `The tool said this: ${messageText(result.content)}` };
  if (toolCall === undefined || !tools.some(({ name }) => name === toolCall.name)) {
    return { reply: 'This is an answer, and it comes word for word.' };
  }
  return {
    reply: 'I look into that.',
    toolCalls: [{ name: toolCall.name, arguments: JSON.stringify(toolCall.arguments()) }],
  };
}
