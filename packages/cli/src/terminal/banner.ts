import { unusualComputeFacts } from './compute-facts.ts';
import { foreignText, formatBytes, type ModelInfo } from '@headway/protocol';

import { count } from './count.ts';

export interface Served {
  url: string;
  models: readonly ModelInfo[];
  /** Whether `npm start` started the gateway; the banner then shows commands of that form. */
  viaNpm: boolean;
  /** Whether requests need a key. */
  needsKey: boolean;
  /** A line about llama.cpp's binary. @default none */
  binary?: string | null;
  /** URLs for other machines. @default none */
  elsewhere?: readonly string[];
}

/** The text that `headway serve` prints once its models have loaded: the models, a request to paste, how to serve a bigger model. */
export function servedLines({ url, models, viaNpm, needsKey, binary = null, elsewhere = [] }: Served): string {
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'What is Headway?' }], stream: true });
  const command = viaNpm ? 'npm start --' : 'headway serve';
  const key = needsKey ? ` -H "Authorization: Bearer $HEADWAY_API_KEY"` : '';
  return [
    ...models.flatMap((model) => [modelLine(model), ...noticeLines(model)]).map(foreignText),
    ...(binary === null ? [] : [foreignText(binary)]),
    ...elsewhere.map((address) => `On your network: ${address}`),
    `curl -N ${url}/v1/chat/completions -H 'Content-Type: application/json'${key} -d '${body}'`,
    `A bigger model: ${command} --model hf:Qwen/Qwen3-4B-GGUF:Q4_K_M (downloads 2.5 GB), or --model ./path/to/model.gguf`,
    '',
  ].join('\n');
}

/** `storyteller: 5.3 MB, context 1,024, 4 slots, 1 thread`. */
export function modelLine(model: ModelInfo): string {
  const { id, state, sizeBytes, contextSize, slots, threads, prefillThreads } = model;
  const facts = [
    sizeBytes !== null && formatBytes(sizeBytes),
    contextSize !== null && `context ${contextSize.toLocaleString('en')}`,
    count(slots, 'slot'),
    threads !== null && threadCounts(threads, prefillThreads ?? threads),
    ...unusualComputeFacts(model),
    state === 'unloaded' && 'loaded when asked for',
  ];
  return `${id}: ${facts.filter((fact) => fact !== false).join(', ')}`;
}

/** One line for each notice of a model: `storyteller: the context is …`. */
export function noticeLines({ id, notices = [] }: ModelInfo): string[] {
  return notices.map((notice) => `${id}: ${notice}`);
}

function threadCounts(decode: number, prefill: number): string {
  return decode === prefill ? count(decode, 'thread') : `${count(decode, 'thread')} to write and ${prefill} to read`;
}
