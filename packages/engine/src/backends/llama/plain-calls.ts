import { randomBytes } from 'node:crypto';

import type { GenerateRequest } from '@headway/protocol';
import { LlamaText, SpecialTokensText, type ChatHistoryItem, type ChatWrapper, type LlamaModel } from 'node-llama-cpp';

/**
 * A chat wrapper in whose tools and calls the marks of the chat are nothing but text. Jinja templates write both into
 * their own text, all of which may be special tokens: an end of message that a user had the model look up would end
 * the message in which that call is told.
 */
export function withPlainCalls(wrapper: ChatWrapper, request: GenerateRequest, model: LlamaModel): ChatWrapper {
  const { tools, messages = [] } = request;
  if (!tools && !messages.some((message) => message.role === 'assistant' && message.toolCalls)) return wrapper;
  const marks = marksOf(model);
  if (marks.length === 0) return wrapper;
  const anyMark = new RegExp(marks.map(escaped).join('|'), 'g');
  // Nobody can write it beforehand.
  const name = `W${randomBytes(8).toString('hex')}W`;
  const anyPlace = new RegExp(`${name}(\\d+)W`);
  const hidden = <T>(value: T): T => {
    const json = JSON.stringify(value);
    if (json === undefined) return value;
    const without = json.replace(anyMark, (mark) => `${name}${marks.indexOf(mark)}W`);
    return without === json ? value : (JSON.parse(without) as T);
  };
  /** What stands between the places, and at every other index the number of a mark. */
  const shown = (text: string, around: (text: string) => string | SpecialTokensText) =>
    text.split(anyPlace).map((part, at) => (at % 2 === 0 ? around(part) : (marks[Number(part)] ?? '')));
  const generateContextState: ChatWrapper['generateContextState'] = ({ chatHistory, availableFunctions, ...rest }) => {
    const state = wrapper.generateContextState({
      chatHistory: chatHistory.map((item) => withCalls(item, hidden)),
      availableFunctions: hidden(availableFunctions),
      ...rest,
    });
    const contextText = state.contextText.mapValues((value) => {
      if (typeof value === 'string') return anyPlace.test(value) ? shown(value, (text) => text) : value;
      if (!(value instanceof SpecialTokensText) || !anyPlace.test(value.value)) return value;
      return shown(value.value, (text) => new SpecialTokensText(text));
    });
    return { ...state, contextText: LlamaText(contextText) };
  };
  return Object.create(wrapper, { generateContextState: { value: generateContextState } }) as ChatWrapper;
}

function withCalls(item: ChatHistoryItem, hidden: <T>(value: T) => T): ChatHistoryItem {
  if (item.type !== 'model') return item;
  const response = item.response.map((part) =>
    typeof part === 'string' || part.type !== 'functionCall' ? part : { ...part, params: hidden(part.params) },
  );
  return { ...item, response };
}

const known = new WeakMap<LlamaModel, readonly string[]>();

/** How the tokens are written that are read as such where a text may have special ones; long ones first. */
function marksOf(model: LlamaModel): readonly string[] {
  const before = known.get(model);
  if (before) return before;
  const marks = new Set<string>();
  for (const token of model.iterateAllTokens()) {
    if (!model.getTokenAttributes(token).control) continue;
    const text = model.detokenize([token], true);
    // What JSON escapes cannot be found in it, and what is a mere word is no mark.
    if (/\W/.test(text) && JSON.stringify(text) === `"${text}"`) marks.add(text);
  }
  const sorted = [...marks].toSorted((a, b) => b.length - a.length);
  known.set(model, sorted);
  return sorted;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
