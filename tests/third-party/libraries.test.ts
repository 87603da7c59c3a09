import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { describeClient } from './client-suite.ts';
import { aiSdkClients } from './libraries/ai-sdk.ts';
import { langChainChat, langChainMessages, langChainResponses } from './libraries/langchain.ts';
import { langGraph } from './libraries/langgraph.ts';
import { openAiAgentsChat, openAiAgentsResponses } from './libraries/openai-agents.ts';
import { startRecorded, type RecordedGateway } from './recorded-gateway.ts';
import { watchStrangers } from './watch-strangers.ts';

vi.stubEnv('LANGSMITH_TRACING', 'false');
const watched = watchStrangers();

let gateway: RecordedGateway;
beforeAll(async () => {
  gateway = await startRecorded();
});
afterAll(async () => {
  watched[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const clients = [
  langChainChat,
  langChainResponses,
  langChainMessages,
  langGraph,
  ...aiSdkClients,
  openAiAgentsChat,
  openAiAgentsResponses,
];
for (const client of clients) describeClient(client, () => gateway);

test('none of them asked anybody else for anything', () => {
  expect(watched.strangers).toEqual([]);
});
