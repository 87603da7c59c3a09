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

/** What somebody else than the model wrote, and what a function gave back. */
export const inputContent = z.union([
  z.string(),
  z.array(z.discriminatedUnion('type', [inputText], { error: refuseParts('{"type": "input_text"}') })),
]);

/** The same where it may have parts that are no text. */
export const anyContent = z.union([
  z.string(),
  z.array(orLeftOut(z.discriminatedUnion('type', [inputText], { error: refuseParts('{"type": "input_text"}') }))),
]);

/** What is said of a part that the user asks about. */
export const unreadablePart = (type: string) => refusalOf(JSON.stringify(type), '{"type": "input_text"}');

/** What the model wrote. Clients that keep no types apart send its words back as input, too. */
export const outputContent = z.union([
  z.string(),
  z.array(
    z.discriminatedUnion('type', [outputText, refusal, inputText], { error: refuseParts('{"type": "output_text"}') }),
  ),
]);

/** The text of a content, its parts joined as they are; what is no text is a line. */
export function textOf(content: z.output<typeof anyContent> | z.output<typeof outputContent>): string {
  if (typeof content === 'string') return content;
  return joinParts(content, (part) => (part.type === 'refusal' ? part.refusal : part.text));
}

function typeOf(part: unknown): string {
  const { type } = part as { type?: unknown };
  return JSON.stringify(type) ?? 'nothing';
}
