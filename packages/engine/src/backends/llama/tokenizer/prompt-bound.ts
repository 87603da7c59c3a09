import { contextOverflow, messageText, type GenerateRequest } from '@headway/protocol';

import { tokenizeInPieces, type PiecesOptions } from './tokenize-in-pieces.ts';

/** Characters of a prompt's beginning to count, for each token of the context; most texts have about four a token. */
const charactersPerToken = 6;

/** Characters that are always counted: this takes well under 100 ms, and the error then names the exact excess. */
const alwaysCounted = 200_000;

/**
 * Refuses a prompt whose beginning already exceeds the context. Tokenizing the largest possible request whole takes a
 * second of processor time.
 *
 * @throws HeadwayError `context-overflow`; the signal's reason when it aborts
 */
export async function refuseWhatCannotFit(request: GenerateRequest, options: PiecesOptions): Promise<void> {
  const { contextSize = Number.POSITIVE_INFINITY } = options;
  const longest = Math.max(alwaysCounted, contextSize * charactersPerToken);
  const text = beginningOf(request, longest + 1);
  if (text.length <= longest) return;
  let count = 0;
  for await (const { tokens } of tokenizeInPieces([{ text, special: false, options: undefined }], options)) {
    count += tokens.length;
    // More text could merge into the last token.
    if (count - 1 > contextSize) throw contextOverflow(count - 1, contextSize, { atLeast: true });
  }
}

/** The first characters of the prompt's content. */
function beginningOf({ prompt = '', messages = [] }: GenerateRequest, characters: number): string {
  let text = prompt.slice(0, characters);
  for (const { content } of messages) {
    if (text.length >= characters) break;
    text += messageText(content).slice(0, characters - text.length);
  }
  return text;
}
