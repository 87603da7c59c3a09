import { isUtf8 } from 'node:buffer';

import type { Engine } from '@headway/engine';
import { detokenizeRequest, parse, tokenizeRequest, type TextToken } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { optionalField } from '../../../surface/optional-field.ts';
import { readChat } from '../chat/read-chat.ts';

const model = tokenizeRequest.shape.model.unwrap().nullish();

const tokenizeBody = z.object({
  model,
  content: tokenizeRequest.shape.text,
  /** Whether to put the beginning-of-text token first, if the model uses one. */
  add_special: z.boolean().nullish(),
  /** Whether to parse special tokens in the text as such. */
  parse_special: z.boolean().nullish(),
  with_pieces: z.boolean().nullish(),
});

const detokenizeBody = z.object({ model, tokens: detokenizeRequest.shape.tokens });

/**
 * llama.cpp's `POST /apply-template`, `/tokenize` and `/detokenize`, also below `/v1`: a conversation as the model's
 * template renders it, and the tokens of a text. They generate nothing and ignore unknown fields.
 */
export function registerTemplateRoutes(app: FastifyInstance, engine: Engine): void {
  for (const root of ['', '/v1']) {
    app.post(`${root}/apply-template`, async (request) => ({
      prompt: await engine.applyTemplate(readChat(request).input),
    }));
    app.post(`${root}/tokenize`, async ({ body, caller: { owner } }) => {
      const asked = parse(tokenizeBody, body);
      const input = {
        text: asked.content,
        ...optionalField('model', asked.model),
        beginning: asked.add_special ?? false,
        special: asked.parse_special ?? true,
      };
      const tokens = await engine.tokenize(input, { owner });
      return { tokens: asked.with_pieces ? tokens.map(withPiece) : tokens.map(({ id }) => id) };
    });
    app.post(`${root}/detokenize`, async ({ body }) => {
      const { model: asked, tokens } = parse(detokenizeBody, body);
      return { content: await engine.detokenize({ tokens, ...optionalField('model', asked) }) };
    });
  }
}

/** The piece is text, or bytes for a token that is only a part of a character. */
function withPiece({ id, bytes }: TextToken): { id: number; piece: string | number[] } {
  const piece = Buffer.from(bytes);
  return { id, piece: isUtf8(piece) ? piece.toString() : bytes };
}
