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
  /** Puts the beginning-of-text token in front, where the model wants one. */
  add_special: z.boolean().nullish(),
  /** Reads special tokens that are written out as such. */
  parse_special: z.boolean().nullish(),
  with_pieces: z.boolean().nullish(),
});

const detokenizeBody = z.object({ model, tokens: detokenizeRequest.shape.tokens });

/**
 * llama.cpp's `POST /apply-template`, `/tokenize` and `/detokenize`, below `/v1`, too: what a conversation is for the
 * model, and what its tokens are. Nothing is written. Unknown fields are ignored.
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

/** A part of a character is no text: its bytes stand for it. */
function withPiece({ id, bytes }: TextToken): { id: number; piece: string | number[] } {
  const piece = Buffer.from(bytes);
  return { id, piece: isUtf8(piece) ? piece.toString() : bytes };
}
