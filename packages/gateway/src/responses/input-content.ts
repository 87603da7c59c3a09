import { z } from 'zod';

const refuseParts =
  (right: string): z.core.$ZodErrorMap =>
  (issue) =>
    issue.code === 'invalid_union'
      ? `parts of type ${typeOf(issue.input)} are not supported; this model reads text only, send ${right}`
      : 'expected an object with type and text';

const inputText = z.object({ type: z.literal('input_text'), text: z.string() });
const outputText = z.object({ type: z.literal('output_text'), text: z.string() });
const refusal = z.object({ type: z.literal('refusal'), refusal: z.string() });

/** What somebody else than the model wrote, and what a function gave back. */
export const inputContent = z.union([
  z.string(),
  z.array(z.discriminatedUnion('type', [inputText], { error: refuseParts('{"type": "input_text"}') })),
]);

/** What the model wrote. Clients that keep no types apart send its words back as input, too. */
export const outputContent = z.union([
  z.string(),
  z.array(
    z.discriminatedUnion('type', [outputText, refusal, inputText], { error: refuseParts('{"type": "output_text"}') }),
  ),
]);

/** The text of a content, its parts joined as they are. */
export function textOf(content: z.output<typeof inputContent> | z.output<typeof outputContent>): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'refusal' ? part.refusal : part.text)).join('');
}

function typeOf(part: unknown): string {
  const { type } = part as { type?: unknown };
  return JSON.stringify(type) ?? 'nothing';
}
