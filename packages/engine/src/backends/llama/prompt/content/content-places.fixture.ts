import type { GenerateInput } from '@headway/protocol';

/** Conversations that contain a text, each in another place. */
export const contentPlaces: Readonly<Record<string, (text: string) => object>> = {
  system: (text) => ({ messages: [{ role: 'system', content: text }, user('Hi')] }),
  user: (text) => ({ messages: [user(text)] }),
  assistant: (text) => ({ messages: [user('Hi'), { role: 'assistant', content: text }, user('Go')] }),
  reasoning: (text) => ({ messages: [user('Hi'), { role: 'assistant', content: 'Yes', reasoning: text }, user('Go')] }),
  begun: (text) => ({ messages: [user('Hi'), { role: 'assistant', content: text }] }),
  result: (text) => called({}, { content: text }),
  'call id': (text) => called({ id: text }, { toolCallId: text }),
  'a value': (text) => called({ arguments: JSON.stringify({ city: text, list: [text] }) }),
  'a value in escapes': (text) => called({ arguments: `{"city": "${escaped(text)}"}` }),
  'a key': (text) => called({ arguments: JSON.stringify({ [text]: 1 }) }),
  'a key that comes twice': (text) =>
    called({ arguments: `{"a": 1.0, ${JSON.stringify(text)}: 1, "${escaped(text)}": 2}` }),
  'a value by a name of the format': (text) =>
    called({ arguments: JSON.stringify({ type: text, role: { type: text } }) }),
  'arguments that were cut': (text) => called({ arguments: `{"city": "${text}` }),
  'tool name': (text) => called({ name: text.replaceAll(/[^\w-]/g, '') || 'find' }),
  'tool description': (text) => offered({ description: text }),
  'property name': (text) => offered({ parameters: schema({ [text]: { type: 'string', description: 'x' } }) }),
  'property description': (text) => offered({ parameters: schema({ city: { type: 'string', description: text } }) }),
  'schema values': (text) =>
    offered({ parameters: schema({ city: { enum: [text], default: text, const: { type: text, role: text } } }) }),
  kwargs: (text) => ({
    messages: [user('Hi')],
    chatTemplateKwargs: { custom: [text, { type: text, [text]: text }], date_string: text, model_identity: text },
  }),
};

/** Conversations that contain two texts next to each other. */
export const contentPairs: Readonly<Record<string, (first: string, second: string) => object>> = {
  parts: (first, second) => ({ messages: [user([part(first), part(second)])] }),
  messages: (first, second) => ({ messages: [user(first), { role: 'assistant', content: second }, user('Go')] }),
  'system and user': (first, second) => ({ messages: [{ role: 'system', content: first }, user(second)] }),
  'reasoning and text': (first, second) => ({
    messages: [user('Hi'), { role: 'assistant', reasoning: first, content: second }, user('Go')],
  }),
  'key and value': (first, second) => called({ arguments: JSON.stringify({ [first]: second }) }),
};

const user = (content: unknown) => ({ role: 'user', content });
const part = (text: string) => ({ type: 'text', text });
const schema = (properties: object) => ({ type: 'object', properties });
const escaped = (text: string) =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

function offered(tool: object): GenerateInput {
  return { messages: [user('Hi')], tools: [{ name: 'find', ...tool }] } as GenerateInput;
}

function called(call: { id?: string; name?: string; arguments?: string }, result: object = {}): GenerateInput {
  const { name = 'find' } = call;
  return {
    messages: [
      user('Hi'),
      { role: 'assistant', content: '', toolCalls: [{ id: 'call00001', name, arguments: '{}', ...call }] },
      { role: 'tool', toolCallId: 'call00001', content: 'found', ...result },
    ],
    tools: [{ name, description: 'Finds', parameters: schema({ city: { type: 'string' } }) }],
  } as GenerateInput;
}
