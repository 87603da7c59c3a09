import { createClient, type HeadwayClient } from '@headway/client';
import { createEngine, scripted, type Script } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { messageText, type GenerateRequest } from '@headway/protocol';

import { recordGenerations, type RecordedGeneration } from '../recorded-engine.ts';

export const modelId = 'scripted-model';

export interface ScriptedGateway extends AsyncDisposable {
  url: string;
  /** Every generation so far, the oldest first. */
  generations: readonly RecordedGeneration[];
  /** Looks at the gateway from outside. */
  headway: HeadwayClient;
}

export interface ScriptedGatewayOptions {
  /** Called once, when its name is offered; the answer to its result repeats that. @default none */
  toolCall?: { name: string; arguments: () => object };
  /** Tokens, which are words here. @default 65_536 */
  contextSize?: number;
  /** @default 100_000 */
  prefillTokensPerSecond?: number;
}

/**
 * A gateway over a model whose answers are written beforehand: no small model uses the tools of an agent by itself, and
 * a large one takes minutes for what an agent has it read.
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
