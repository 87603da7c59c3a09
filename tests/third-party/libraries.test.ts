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
import { watchOutboundHosts } from './watch-outbound-hosts.ts';

vi.stubEnv('LANGSMITH_TRACING', 'false');
const watched = watchOutboundHosts();

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

test.skipIf(!java)('Java HttpClient is tested where a JDK is installed', () => expect(java?.version).toMatch(/^\d/));

test('the documented table of clients has each library with its tested version', () => {
  expect(missingRows(clients)).toEqual([]);
});

test('no library connected to another host', () => {
  expect(watched.outboundHosts).toEqual([]);
});
