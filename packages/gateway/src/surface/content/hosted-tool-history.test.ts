import { messageText, type GenerateRequest } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../../apis/openai/scripted-gateway.fixture.ts';
import { readableText } from './readable-text.ts';

/** Sends a request and returns the conversation that the model reads, a line for each message. */
async function conversationOf(path: string, body: object): Promise<string[]> {
  const seen: string[][] = [];
  const script = ({ messages = [] }: Pick<GenerateRequest, 'messages'>) => {
    seen.push(
      messages.map((message) => {
        const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
        return [message.role, messageText(message.content), ...calls.map((call) => call.name + call.arguments)].join(
          ' ',
        );
      }),
    );
    return { reply: 'Well.' };
  };
  await using context = await openScriptedGateway({ script });
  const response = await context.post(path, body);
  if (!response.ok) throw new Error(await response.text());
  return seen[0] ?? [];
}

const user = (content: unknown) => ({ role: 'user', content });
const responses = (...input: object[]) =>
  conversationOf('/v1/responses', { input: [user('Hi'), ...input, user('So?')] });
const anthropic = (...content: object[]) =>
  conversationOf('/v1/messages', {
    max_tokens: 5,
    messages: [user('Hi'), { role: 'assistant', content }, user('So?')],
  });

describe('a hosted tool that the client ran becomes a call and its result', () => {
  test.each<[string, object, object, string, string]>([
    [
      'a tool without a schema',
      { type: 'custom_tool_call', name: 'apply', input: '*** Begin' },
      { type: 'custom_tool_call_output', output: [{ type: 'input_text', text: 'Done.' }] },
      'apply{"input":"*** Begin"}',
      'Done.',
    ],
    [
      'a shell here',
      { type: 'local_shell_call', action: { type: 'exec', command: ['ls'] } },
      { type: 'local_shell_call_output', id: 'c', output: 'a.txt' },
      'local_shell{"type":"exec","command":["ls"]}',
      'a.txt',
    ],
    [
      'a shell',
      { type: 'shell_call', action: { commands: ['ls'] } },
      {
        type: 'shell_call_output',
        output: [{ stdout: 'a.txt', stderr: 'oh', outcome: { type: 'exit', exit_code: 2 } }],
      },
      'shell{"commands":["ls"]}',
      'a.txt\noh\nexit code 2',
    ],
    [
      'a patch',
      { type: 'apply_patch_call', operation: { type: 'delete_file', path: 'a' } },
      { type: 'apply_patch_call_output', status: 'completed', output: 'gone' },
      'apply_patch{"type":"delete_file","path":"a"}',
      'gone',
    ],
    [
      'a screen',
      { type: 'computer_call', action: { type: 'click', x: 1, y: 2 } },
      { type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: 'data:' } },
      'computer{"type":"click","x":1,"y":2}',
      '[screenshot left out: this model reads text only]',
    ],
  ])('%s', async (_what, call, output, called, gave) => {
    const read = await responses({ call_id: 'c', ...call }, { call_id: 'c', ...output });
    expect(read).toEqual(['user Hi', `assistant  ${called}`, `tool ${gave}`, 'user So?']);
  });
});

describe('a hosted tool that the provider ran becomes text of the assistant', () => {
  test.each<[object, string]>([
    [
      { type: 'web_search_call', id: 'ws', status: 'completed', action: { type: 'search', query: 'cats' } },
      '[web_search: {"type":"search","query":"cats"}]',
    ],
    [
      { type: 'file_search_call', queries: ['cats'], results: [{ filename: 'a.md', text: 'Cats purr.', score: 1 }] },
      '[file_search: ["cats"]]\n[result of file_search: a.md\nCats purr.]',
    ],
    [
      { type: 'code_interpreter_call', code: '1+1', container_id: 'c', outputs: [{ type: 'logs', logs: '2' }] },
      '[code_interpreter: 1+1]\n[result of code_interpreter: 2]',
    ],
    [{ type: 'image_generation_call', id: 'ig', result: 'AAAA' }, '[image left out: this model reads text only]'],
    [
      { type: 'mcp_call', server_label: 'wiki', name: 'read', arguments: '{"page":1}', output: 'Cats.', error: null },
      '[wiki.read: {"page":1}]\n[result of wiki.read: Cats.]',
    ],
  ])('%j', async (item, text) => {
    expect(await responses(item, { role: 'assistant', content: 'They purr.' })).toEqual([
      'user Hi',
      `assistant ${text}\nThey purr.`,
      'user So?',
    ]);
    expect(await responses(item)).toEqual(['user Hi', `assistant ${text}`, 'user So?']);
  });

  test.each<[object, string]>([
    [
      { type: 'server_tool_use', id: 'a', name: 'web_search', input: { query: 'cats' } },
      '[web_search: {"query":"cats"}]',
    ],
    [
      {
        type: 'web_search_tool_result',
        tool_use_id: 'a',
        content: [{ type: 'web_search_result', title: 'Cats', url: 'https://cats.example', encrypted_content: 'E' }],
      },
      '[result of web_search: Cats\nhttps://cats.example]',
    ],
    [
      { type: 'web_search_tool_result', content: { type: 'web_search_tool_result_error', error_code: 'unavailable' } },
      '[result of web_search: unavailable]',
    ],
    [
      {
        type: 'web_fetch_tool_result',
        content: {
          type: 'web_fetch_result',
          url: 'https://a.example',
          content: { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Cats.' } },
        },
      },
      '[result of web_fetch: https://a.example\nCats.]',
    ],
    [
      {
        type: 'bash_code_execution_tool_result',
        content: { type: 'bash_code_execution_result', stdout: '2', stderr: '', return_code: 1, content: [] },
      },
      '[result of bash_code_execution: 2\nexit code 1]',
    ],
    [
      { type: 'code_execution_tool_result', content: { type: 'encrypted', encrypted_stdout: 'E' } },
      '[result of code_execution left out: it is no text]',
    ],
    [{ type: 'mcp_tool_use', id: 'm', server_name: 'wiki', name: 'read', input: {} }, '[wiki.read]'],
    [
      { type: 'mcp_tool_result', is_error: false, content: [{ type: 'text', text: 'Cats.' }] },
      '[result of mcp: Cats.]',
    ],
    [{ type: 'compaction', content: 'They spoke of cats.' }, 'They spoke of cats.'],
    [{ type: 'container_upload', file_id: 'f' }, '[document left out: this model reads text only]'],
  ])('%j', async (block, line) => {
    const text = (words: string) => ({ type: 'text', text: words });
    expect(await anthropic(text('Let me see.'), block, text('They purr.'))).toEqual([
      'user Hi',
      `assistant Let me see.\n${line}\nThey purr.`,
      'user So?',
    ]);
  });

  test('with the reasoning before it and the client’s call after it in one message', async () => {
    const read = await responses(
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      { type: 'web_search_call', action: { query: 'cats' } },
      { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'ok' },
    );
    expect(read).toEqual(['user Hi', 'assistant [web_search: {"query":"cats"}] look{}', 'tool ok', 'user So?']);
  });
});

test('items without meaning for another model are left out silently', async () => {
  const nothing = ['mcp_list_tools', 'mcp_approval_request', 'mcp_approval_response', 'compaction', 'tool_search_call'];
  expect(await responses(...nothing.map((type) => ({ type, id: 'x', encrypted_content: 'E' })))).toEqual([
    'user Hi',
    'user So?',
  ]);
});

test('a search_result block of the user becomes text', async () => {
  const block = {
    type: 'search_result',
    source: 'https://a.example',
    title: 'Cats',
    content: [{ type: 'text', text: 'Purr.' }],
  };
  const messages = [user([block, { type: 'text', text: 'So?' }])];
  expect(await conversationOf('/v1/messages', { max_tokens: 5, messages })).toEqual([
    'user Cats\nPurr.\nhttps://a.example\nSo?',
  ]);
});

test('readableText stops at 8 levels of nesting', () => {
  let deep: unknown = 'text';
  for (let level = 0; level < 10_000; level++) deep = { content: deep };
  expect(readableText(deep)).toBe('');
  expect(readableText({ content: [{ content: 'text' }] })).toBe('text');
});
