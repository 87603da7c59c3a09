import { isHeadwayError } from '@headway/protocol';

import type { ChatTemplate, TemplateMessage } from './chat-template.ts';

/** Which variants of the message format a template needs. */
export interface TemplateAbilities {
  /** Whether the text of a message must be a list of parts. */
  partsOnly: boolean;
  /** Whether a call's arguments must be an object: the template would quote text again, or refuse it. */
  objectArguments: boolean;
  /** Whether the template refuses call ids that are not nine letters and digits. */
  shortIds: boolean;
  /** The field from which it reads thoughts. */
  thoughtField: string;
  /** Whether it shows a system message at the head. */
  system: boolean;
  /** Whether it shows further ones, after that one and after a question. */
  laterSystem: boolean;
  /** Whether two user messages may follow each other. */
  repeatedUser: boolean;
  /** Its `tools` where there are none; some templates fail on null. */
  noTools: [] | null;
}

const needle = 'NEEDLE7';
const usual = 'reasoning_content';
const thoughtFields = [usual, 'thinking', 'reasoning'];
const user = { role: 'user', content: 'Hello' };

/** Renders small conversations to detect the variants. */
export function templateAbilities(template: ChatTemplate): TemplateAbilities {
  const noTools: [] | null =
    tryRender(template, [user], null) === null && tryRender(template, [user], []) !== null ? [] : null;
  const shows = (messages: TemplateMessage[], what = needle) =>
    tryRender(template, messages, noTools)?.includes(what) === true;
  const parts = [{ type: 'text', text: needle }];
  const partsOnly = !shows([{ role: 'user', content: needle }]) && shows([{ role: 'user', content: parts }]);
  const asked = [partsOnly ? { role: 'user', content: parts } : user];
  const calling = (args: unknown, id = 'call00001') => [
    ...asked,
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id, type: 'function', function: { name: 'find', arguments: args } }],
    },
    { role: 'tool', tool_call_id: id, name: 'find', content: 'found' },
  ];
  const asObject = shows(calling({ needle }));
  const asText = shows(calling(`{"needle": "${needle}"}`), `"${needle}"`);
  const system = (content: string) => ({
    role: 'system',
    content: partsOnly ? [{ type: 'text', text: content }] : content,
  });
  const both = (messages: TemplateMessage[]) => shows(messages, 'FIRST7') && shows(messages);
  const thinking = (field: string) => shows([...asked, { role: 'assistant', content: 'Hello', [field]: needle }]);
  return {
    partsOnly,
    objectArguments: asObject || !asText,
    shortIds:
      (asObject || asText) && tryRender(template, calling(asObject ? {} : '{}', 'call_000001'), noTools) === null,
    thoughtField: thoughtFields.find((field) => template.source.includes(field) && thinking(field)) ?? usual,
    system: shows([system(needle), ...asked]),
    laterSystem:
      both([system('FIRST7'), system(needle), ...asked]) && both([system('FIRST7'), ...asked, system(needle)]),
    repeatedUser: shows([...asked, { role: 'user', content: partsOnly ? parts : needle }]),
    noTools,
  };
}

function tryRender(template: ChatTemplate, messages: TemplateMessage[], tools: [] | null): string | null {
  try {
    return template.render({ messages, tools, kwargs: {}, addGenerationPrompt: true });
  } catch (thrown) {
    if (isHeadwayError(thrown)) return null;
    throw thrown;
  }
}
