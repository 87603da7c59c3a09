import type { ChatWrapper, LlamaText, Token, Tokenizer } from 'node-llama-cpp';

import { tokenizeInPieces, type PiecesOptions, type TokenizerCall } from './tokenize-in-pieces.ts';

/** The tokens of texts that were tokenised before, by what the tokenizer was asked for. */
export type KnownTokens = ReadonlyMap<string, Token[]>;

/**
 * Tokenises all that a rendered chat consists of, letting the event loop turn between pieces. To put the chat together
 * with `knowing` takes no time then.
 *
 * @throws the signal's reason when it aborts
 */
export async function learnTokens(rendered: LlamaText, options: PiecesOptions): Promise<KnownTokens> {
  const known = new Map<string, Token[]>();
  for await (const { call, tokens } of tokenizeInPieces(callsOf(rendered, options.model.tokenizer), options)) {
    const before = known.get(keyOf(call));
    if (before) for (const token of tokens) before.push(token);
    else known.set(keyOf(call), tokens);
  }
  return known;
}

/** A tokenizer that need not tokenise what is known. */
export function knowing(known: KnownTokens, tokenizer: Tokenizer): Tokenizer {
  return derive(tokenizer, (call) => known.get(keyOf(call)) ?? tokenizer(call.text, call.special, call.options));
}

/**
 * A chat wrapper that renders as another one does, but to a text whose tokens are known. With it, LlamaChat, which
 * tokenises the whole history again before it decodes, does not hold up the event loop.
 */
export function withKnownTokens(wrapper: ChatWrapper, known: KnownTokens): ChatWrapper {
  const generateContextState: ChatWrapper['generateContextState'] = (options) => {
    const state = wrapper.generateContextState(options);
    const { contextText } = state;
    const tokenize: LlamaText['tokenize'] = (tokenizer, ...rest) =>
      contextText.tokenize(knowing(known, tokenizer), ...rest);
    return { ...state, contextText: Object.create(contextText, { tokenize: { value: tokenize } }) as LlamaText };
  };
  return Object.create(wrapper, { generateContextState: { value: generateContextState } }) as ChatWrapper;
}

/** What a text asks a tokenizer for, without tokenising. */
function callsOf(rendered: LlamaText, tokenizer: Tokenizer): TokenizerCall[] {
  const calls = new Map<string, TokenizerCall>();
  // LlamaText asks for the text behind a special token in another way when there are tokens before it.
  const anyTokens = tokenizer('\n');
  rendered.tokenize(
    derive(tokenizer, (call) => {
      if (call.text === '') return [];
      calls.set(keyOf(call), call);
      return anyTokens;
    }),
  );
  return [...calls.values()];
}

function derive(tokenizer: Tokenizer, tokenize: (call: TokenizerCall) => Token[]): Tokenizer {
  const derived = (text: string, special: boolean | 'builtin' = false, options?: 'trimLeadingSpace') =>
    special === 'builtin' ? tokenizer(text as 'BOS', special) : tokenize({ text, special, options });
  return Object.assign(derived, tokenizer) as Tokenizer;
}

function keyOf({ text, special, options }: TokenizerCall): string {
  return `${special} ${options} ${text}`;
}
