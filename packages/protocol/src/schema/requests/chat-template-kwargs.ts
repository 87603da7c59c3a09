import { z } from 'zod';

import { jsonFault } from './json-fault.ts';

const maxKeys = 64;
/** Bytes of all of them together, as JSON. */
const maxBytes = 65_536;

/** Names that Headway itself passes to every template, from the request's other fields and from the model. */
const reserved = new Set([
  'messages',
  'tools',
  'add_generation_prompt',
  'bos_token',
  'eos_token',
  'continue_final_message',
]);

/** Variables for the chat template besides the conversation, such as `enable_thinking`: any JSON by name. */
export const chatTemplateKwargs = z.record(z.string(), z.unknown()).superRefine((kwargs, context) => {
  const names = Object.keys(kwargs);
  const message =
    names.length > maxKeys
      ? `has ${names.length} names; send ${maxKeys} at most`
      : (jsonFault(kwargs) ?? tooBig(kwargs));
  if (message) context.addIssue({ code: 'custom', message });
  for (const name of names) {
    if (!reserved.has(name)) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'is set for every template already; remove it' });
  }
});

export type ChatTemplateKwargs = z.output<typeof chatTemplateKwargs>;

function tooBig(kwargs: object): string | null {
  const bytes = new TextEncoder().encode(JSON.stringify(kwargs)).length;
  return bytes > maxBytes ? `is larger than ${maxBytes / 1024} kB as JSON; send less` : null;
}
