import { describe, expect, it } from 'vitest';

import { ChatReader, type ChatReaderOptions } from './chat-reader.ts';
import type { UpstreamSignal } from './upstream-signal.ts';

const read = (chunks: readonly (object | string)[], options: Partial<ChatReaderOptions> = {}): UpstreamSignal[] => {
  const reader = new ChatReader({ first: 0, count: 1, dialect: { quirks: {} }, logprobs: false, ...options });
  return chunks.flatMap((chunk) => [
    ...reader.read({
      kind: 'event',
      name: undefined,
      data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk),
    }),
  ]);
};
const delta = (fields: object, finish_reason: string | null = null, index = 0) => ({
  choices: [{ index, delta: fields, finish_reason }],
});
const pieces = (signals: readonly UpstreamSignal[]) =>
  signals.flatMap((signal) => (signal.type === 'piece' ? [signal.piece] : []));

describe('a reader of chat chunks', () => {
  it('takes a chunk with text for one token, and a role for none', () => {
    const signals = read([
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Hel' }),
      delta({ content: 'lo' }),
      delta({}, 'stop'),
      '[DONE]',
    ]);
    expect(pieces(signals)).toEqual([
      { text: 'Hel', channel: 'content', count: 1 },
      { text: 'lo', channel: 'content', count: 1 },
    ]);
    expect(signals.slice(-2)).toEqual([
      { type: 'choice-end', choice: 0, end: { reason: 'stop', toolCalls: [] } },
      { type: 'end' },
    ]);
  });

  it('counts by the usage or the timings of a chunk, several tokens at once', () => {
    const withUsage = (content: string, completion_tokens: number) => ({
      ...delta({ content }),
      usage: { prompt_tokens: 9, completion_tokens },
    });
    expect(pieces(read([withUsage('a b', 3), withUsage(' c', 4)])).map(({ count }) => count)).toEqual([3, 1]);
    const withTimings = (content: string, predicted_n: number) => ({ ...delta({ content }), timings: { predicted_n } });
    expect(pieces(read([withTimings('a', 1), withTimings('b c d', 4)])).map(({ count }) => count)).toEqual([1, 3]);
  });

  it.each(['reasoning_content', 'reasoning'])('reads the thought in `%s`', (field) => {
    expect(pieces(read([delta({ [field]: 'Hm' }), delta({ [field]: null, content: 'Yes' })]))).toMatchObject([
      { text: 'Hm', channel: 'reasoning' },
      { text: 'Yes', channel: 'content' },
    ]);
  });

  it('reads two tool calls whose arguments come in pieces', () => {
    const call = (index: number, fields: object) => delta({ tool_calls: [{ index, ...fields }] });
    const signals = read([
      call(0, { id: 'a', type: 'function', function: { name: 'look', arguments: '' } }),
      call(0, { function: { arguments: '{"x":' } }),
      call(0, { function: { arguments: '1}' } }),
      call(1, { id: 'b', function: { name: 'go', arguments: '{}' } }),
      delta({}, 'tool_calls'),
    ]);
    expect(pieces(signals).map(({ text, toolCall }) => [text, toolCall?.index, toolCall?.id, toolCall?.name])).toEqual([
      ['', 0, 'a', 'look'],
      ['{"x":', 0, 'a', 'look'],
      ['1}', 0, 'a', 'look'],
      ['{}', 1, 'b', 'go'],
    ]);
    expect(signals.at(-1)).toMatchObject({
      end: {
        reason: 'tool-calls',
        toolCalls: [
          { id: 'a', name: 'look', arguments: '{"x":1}' },
          { id: 'b', name: 'go', arguments: '{}' },
        ],
      },
    });
  });

  it('gives whole calls without index and id their own, also after finish_reason `stop`', () => {
    const signals = read([delta({ tool_calls: [{ function: { name: 'look', arguments: '{}' } }] }, 'stop')]);
    expect(signals.at(-1)).toMatchObject({ end: { reason: 'tool-calls', toolCalls: [{ name: 'look' }] } });
    expect(pieces(signals)[0]?.toolCall?.id).toMatch(/^call_\w{24}$/);
  });

  it('takes an empty `finish_reason` for none', () => {
    const signals = read([delta({ content: 'one ' }, ''), delta({ content: 'two' }, ''), delta({}, 'stop')]);
    expect(pieces(signals).map(({ text }) => text)).toEqual(['one ', 'two']);
    expect(signals.filter(({ type }) => type === 'choice-end')).toHaveLength(1);
  });

  it('reads the texts of content in parts, and skips what is null', () => {
    const content = [{ type: 'text', text: 'Hi' }, null, { type: 'image' }, { type: 'text', text: ' you' }];
    expect(pieces(read([delta({ content }), { choices: null }, { choices: [null] }]))).toMatchObject([
      { text: 'Hi you' },
    ]);
  });

  it('takes no more tokens for cached than the prompt has', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 50 } };
    expect(read([{ choices: [], usage }])).toMatchObject([{ usage: { promptTokens: 5, cachedTokens: 5 } }]);
  });

  it('keeps no call that the limit cut', () => {
    const signals = read([
      delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'look', arguments: '{"x":' } }] }),
      delta({}, 'length'),
    ]);
    expect(signals.at(-1)).toMatchObject({ end: { reason: 'length', toolCalls: [] } });
  });

  it('tells the stop string where the server does', () => {
    const told = (fields: object) => read([{ choices: [{ index: 0, delta: {}, finish_reason: 'stop', ...fields }] }]);
    expect(told({ stop_reason: 'END' }).at(-1)).toMatchObject({ end: { stopString: 'END' } });
    expect(told({ matched_stop: 'END' }).at(-1)).toMatchObject({ end: { stopString: 'END' } });
    expect(told({ stop_reason: 151_645 }).at(-1)).not.toHaveProperty('end.stopString');
  });

  it('keeps choices apart, and the usage of each where the server tells each one', () => {
    const usage = (completion_tokens: number) => ({ choices: [], usage: { prompt_tokens: 5, completion_tokens } });
    const signals = read(
      [
        delta({ content: 'a' }, null, 0),
        delta({ content: 'b' }, null, 1),
        delta({}, 'stop', 1),
        usage(1),
        delta({ content: 'c' }, 'length', 0),
        usage(2),
      ],
      { count: 2, first: 0, dialect: { quirks: { usagePerChoice: true } } },
    );
    expect(signals.flatMap((signal) => (signal.type === 'usage' ? [signal.usage.choice] : []))).toEqual([1, 0]);
    expect(signals.flatMap((signal) => (signal.type === 'piece' ? [signal.choice] : []))).toEqual([0, 1, 0]);
  });

  it.each([
    [{ error: { message: 'broke', code: 500 } }],
    [{ object: 'error', message: 'broke', code: 500 }],
    [{ error: 'broke' }],
  ])('takes %j in the stream for a failure', (said) => {
    expect(read([said])).toEqual([{ type: 'failed', said }]);
  });

  it('refuses an event that is not JSON', () => {
    expect(() => read(['{"choices": ['])).toThrow(expect.objectContaining({ code: 'upstream-failed' }));
  });

  it('tells the log-probabilities of half a character with the piece that has its other half', () => {
    const half = (content: string, bytes: number[], finish: string | null = null) => ({
      choices: [
        {
          index: 0,
          delta: { content },
          logprobs: { content: [null, { token: '', bytes, logprob: -1, top_logprobs: [null] }] },
          finish_reason: finish,
        },
      ],
    });
    const signals = read([half('', [240]), half('😀', [159, 152, 128]), half('', [240], 'length')], {
      logprobs: true,
    });
    expect(pieces(signals)).toMatchObject([
      { text: '😀', count: 2, logprobs: [{ bytes: [240], top: [] }, { bytes: [159, 152, 128] }] },
      { text: '', count: 1, logprobs: [{ bytes: [240] }] },
    ]);
    // Without a limit, what comes without text is the token that ended the answer.
    expect(pieces(read([half('a', [97]), half('', [0], 'stop')], { logprobs: true }))).toHaveLength(1);
  });

  it('counts a token whose log-probability is null', () => {
    const chunk = { choices: [{ index: 0, delta: { content: 'a' }, logprobs: { content: [null] } }] };
    expect(pieces(read([chunk], { logprobs: true }))).toEqual([{ text: 'a', channel: 'content', count: 1 }]);
  });

  it('reads log-probabilities of chats and of raw texts, one for each token', () => {
    const listed = { token: 'é', logprob: -0.5, bytes: [195, 169], top_logprobs: [{ token: 'e', logprob: -1 }] };
    const [chat] = pieces(
      read([{ choices: [{ index: 0, delta: { content: 'é' }, logprobs: { content: [listed] } }] }], { logprobs: true }),
    );
    expect(chat).toMatchObject({
      count: 1,
      logprobs: [{ token: 'é', bytes: [195, 169], logprob: -0.5, top: [{ token: 'e', bytes: [101], logprob: -1 }] }],
    });
    const raw = { tokens: ['a', 'b'], token_logprobs: [-1, -2], top_logprobs: [{ a: -1 }, null], text_offset: [0, 1] };
    const [text] = pieces(read([{ choices: [{ index: 0, text: 'ab', logprobs: raw }] }], { logprobs: true }));
    expect(text).toMatchObject({ text: 'ab', count: 2, logprobs: [{ logprob: -1 }, { logprob: -2, top: [] }] });
  });
});
