import { expect, it } from 'vitest';

import { OllamaReader } from './ollama-reader.ts';

it('tells the log-probabilities of half a character with the piece that has its other half', () => {
  const reader = new OllamaReader({ choice: 0, logprobs: true });
  const line = (content: string, bytes: number[]) => ({
    message: { content },
    logprobs: [{ token: '', bytes, logprob: -1 }],
  });
  const signals = [line('', [240]), line('😀', [159, 152, 128]), line('a', [97])].flatMap((data) => [
    ...reader.read({ kind: 'event', name: undefined, data: JSON.stringify(data) }),
  ]);
  expect(signals).toMatchObject([
    { piece: { text: '😀', count: 2, logprobs: [{ bytes: [240] }, { bytes: [159, 152, 128] }] } },
    { piece: { text: 'a', count: 1, logprobs: [{ bytes: [97] }] } },
  ]);
});
