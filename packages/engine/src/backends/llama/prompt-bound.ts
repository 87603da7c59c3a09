import { messageText, type GenerateRequest } from '@headway/protocol';
import type { LlamaModel } from 'node-llama-cpp';

import { contextOverflow } from '../../context-overflow.ts';

/** Characters of a prompt's beginning that are looked at, for each token of the context; most texts have about four. */
const charactersPerToken = 6;

/** Up to here counting takes well under 100 ms, and its owner learns by how much the prompt is too long. */
const alwaysCounted = 200_000;

/**
 * Refuses what is sure not to fit by its beginning alone. Tokenising is synchronous, and takes a second for the
 * largest request there can be: meanwhile every stream of the process would stand still.
 *
 * @throws HeadwayError `context-overflow`
 */
export function refuseWhatCannotFit(request: GenerateRequest, model: LlamaModel, contextSize: number): void {
  const longest = Math.max(alwaysCounted, contextSize * charactersPerToken);
  const text = beginningOf(request, longest + 1);
  if (text.length <= longest) return;
  const tokens = model.tokenizer(text, false).length;
  // The last token may be a part of a longer one.
  if (tokens - 1 > contextSize) throw contextOverflow(tokens - 1, contextSize, { atLeast: true });
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
