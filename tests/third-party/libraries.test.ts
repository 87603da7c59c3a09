import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { describeClient } from './client-suite.ts';
import { missingRows } from './documented-clients.ts';
import { aiSdkClients } from './libraries/ai-sdk.ts';
import { eventSourceClient } from './libraries/eventsource-client.ts';
import { fetchEventSourceClient } from './libraries/fetch-event-source.ts';
import { huggingFace } from './libraries/hugging-face.ts';
import { openJava } from './libraries/java-http-client.ts';
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
  await java?.[Symbol.asyncDispose]();
});

const java = await openJava();

const clients = [
  langChainChat,
  langChainResponses,
  langChainMessages,
  langGraph,
  ...aiSdkClients,
  openAiAgentsChat,
  openAiAgentsResponses,
  huggingFace,
  eventSourceClient,
  fetchEventSourceClient,
];
for (const client of java ? [...clients, java] : clients) describeClient(client, () => gateway);

test.skipIf(!java)('Java HttpClient is tried where a JDK is at hand', () => expect(java?.version).toMatch(/^\d/));

test('the table of clients has each with the version that is tried', () => {
  expect(missingRows(clients)).toEqual([]);
});

test('none of them asked anybody else for anything', () => {
  expect(watched.strangers).toEqual([]);
});
