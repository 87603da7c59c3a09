import { z } from 'zod';

import { joinParts, orLeftOut } from '../../../../surface/content/left-out-part.ts';

const refuseParts =
  (right: string): z.core.$ZodErrorMap =>
  (issue) =>
    issue.code === 'invalid_union' ? refusalOf(typeOf(issue.input), right) : 'expected an object with type and text';

function refusalOf(type: string, right: string): string {
  return `parts of type ${type} are not supported; this model reads text only, send ${right}`;
}

const inputText = z.object({ type: z.literal('input_text'), text: z.string() });
const outputText = z.object({ type: z.literal('output_text'), text: z.string() });
const refusal = z.object({ type: z.literal('refusal'), refusal: z.string() });

/** Content of instructions, as text. */
export const inputContent = z.union([
  z.string(),
  z.array(z.discriminatedUnion('type', [inputText], { error: refuseParts('{"type": "input_text"}') })),
]);

/** Content of the user or of a function's output, which may have parts that are not text. */
export const anyContent = z.union([
  z.string(),
  z.array(orLeftOut(z.discriminatedUnion('type', [inputText], { error: refuseParts('{"type": "input_text"}') }))),
]);

/** The error for a part that is not text in the user's latest messages. */
export const unreadablePart = (type: string) => refusalOf(JSON.stringify(type), '{"type": "input_text"}');

/** Content of the model. Some clients send the model's text back as `input_text`, too. */
export const outputContent = z.union([
  z.string(),
  z.array(
    z.discriminatedUnion('type', [outputText, refusal, inputText], { error: refuseParts('{"type": "output_text"}') }),
  ),
]);

/** The text of a content, joined without a separator, with a line for each part that is not text. */
export function textOf(content: z.output<typeof anyContent> | z.output<typeof outputContent>): string {
  if (typeof content === 'string') return content;
  return joinParts(content, (part) => (part.type === 'refusal' ? part.refusal : part.text));
}

function typeOf(part: unknown): string {
  const { type } = part as { type?: unknown };
  return JSON.stringify(type) ?? 'nothing';
}
