import { z } from 'zod';

/** A named range of the prompt's content, such as one of its documents. */
export const span = z.strictObject({
  /** What to call it, such as a file's name. */
  name: z.string().min(1, 'is empty; send the name to show').max(256),
  /** Where it starts: an offset into the text of `message`, or into `prompt`, in UTF-16 code units. */
  start: z.int().min(0),
  /** The offset after its last code unit. */
  end: z.int().min(1),
  /** The index in `messages` of the message whose text it is in. @default the last message */
  message: z.int().min(0).optional(),
});

export type Span = z.output<typeof span>;

/** Spans in the order of the content, which do not overlap. */
export const spans = z.array(span).max(256);
