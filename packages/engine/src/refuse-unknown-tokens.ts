import { HeadwayError } from '@headway/protocol';

/** @throws HeadwayError `invalid-request` naming the place of a token that a vocabulary of that size has not */
export function refuseUnknownTokens(tokens: readonly number[], vocabularySize: number): void {
  const at = tokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
  if (at < 0) return;
  throw new HeadwayError(
    'invalid-request',
    `tokens[${at}]: ${tokens[at]} is not in the vocabulary; its tokens are 0 to ${vocabularySize - 1}`,
  );
}
