import { contextOverflow, messageText, type GenerateRequest } from '@headway/protocol';

import { tokenizeInPieces, type PiecesOptions } from './tokenize-in-pieces.ts';

/** Characters of a prompt's beginning that are looked at, for each token of the context; most texts have about four. */
const charactersPerToken = 6;

/** Up to here counting takes well under 100 ms, and its owner learns by how much the prompt is too long. */
const alwaysCounted = 200_000;

/**
 * Refuses what is sure not to fit by as much of its beginning as fills the context. To tokenise the largest request
 * there can be takes a second of the processor's time.
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
    // The last token may be a part of a longer one.
    if (count - 1 > contextSize) throw contextOverflow(count - 1, contextSize, { atLeast: true });
  }
}

/** The first characters of all that is to be read. */
function beginningOf({ prompt = '', messages = [] }: GenerateRequest, characters: number): string {
  let text = prompt.slice(0, characters);
  for (const { content } of messages) {
    if (text.length >= characters) break;
    text += messageText(content).slice(0, characters - text.length);
  }
  return text;
}
