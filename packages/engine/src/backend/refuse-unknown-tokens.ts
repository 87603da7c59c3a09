import { fieldError, type FieldPath } from '@headway/protocol';

/**
 * `field` gives the request's name for the token at an index. @default `tokens[at]`
 *
 * @throws HeadwayError `invalid-request` with the index of a token that a vocabulary of this size does not have
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
