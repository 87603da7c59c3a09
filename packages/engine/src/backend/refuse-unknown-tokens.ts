import { fieldError, type FieldPath } from '@headway/protocol';

/**
 * `field` is the request's name for one of the tokens. @default `tokens[2]`
 *
 * @throws HeadwayError `invalid-request` naming the place of a token that a vocabulary of that size has not
 */
export function refuseUnknownTokens(
  tokens: readonly number[],
  vocabularySize: number,
  field: (at: number) => FieldPath = (at) => ['tokens', at],
): void {
  const at = tokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
  if (at < 0) return;
  const message = `${tokens[at]} is not in the vocabulary; its tokens are 0 to ${vocabularySize - 1}`;
  throw fieldError({ path: field(at), message });
}
