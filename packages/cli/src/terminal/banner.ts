import { foreignText, type ModelInfo } from '@headway/protocol';

import { formatBytes } from './format-size.ts';

export interface Served {
  url: string;
  models: readonly ModelInfo[];
  /** Whether `npm start` started it, so that its words are used. */
  viaNpm: boolean;
  /** Whether whoever asks needs a key. */
  needsKey: boolean;
  /** Where other machines reach it. @default nowhere */
  elsewhere?: readonly string[];
}

/** What is printed once the models are there: the models, a request to paste, the way to a bigger model. */
export function servedLines({ url, models, viaNpm, needsKey, elsewhere = [] }: Served): string {
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'What is Headway?' }], stream: true });
  const command = viaNpm ? 'npm start --' : 'headway serve';
  const key = needsKey ? ` -H "Authorization: Bearer $HEADWAY_API_KEY"` : '';
  return [
    ...models.flatMap((model) => [modelLine(model), ...noticeLines(model)]).map(foreignText),
    ...elsewhere.map((address) => `On your network: ${address}`),
    `curl -N ${url}/v1/chat/completions -H 'Content-Type: application/json'${key} -d '${body}'`,
    `A bigger model: ${command} --model hf:Qwen/Qwen3-4B-GGUF:Q4_K_M (downloads 2.5 GB), or --model ./path/to/model.gguf`,
    '',
  ].join('\n');
}

/** `storyteller: 5.3 MB, context 1,024, 4 slots, 1 thread`. */
export function modelLine({ id, sizeBytes, contextSize, slots, threads, prefillThreads }: ModelInfo): string {
  const facts = [
    sizeBytes !== null && formatBytes(sizeBytes),
    contextSize !== null && `context ${contextSize.toLocaleString('en')}`,
    count(slots, 'slot'),
    threads !== null && threadCounts(threads, prefillThreads ?? threads),
  ];
  return `${id}: ${facts.filter((fact) => fact !== false).join(', ')}`;
}

/** `storyteller: the context is …`, one for each thing to know of how it was loaded. */
export function noticeLines({ id, notices = [] }: ModelInfo): string[] {
  return notices.map((notice) => `${id}: ${notice}`);
}

function threadCounts(decode: number, prefill: number): string {
  return decode === prefill ? count(decode, 'thread') : `${count(decode, 'thread')} to write and ${prefill} to read`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
