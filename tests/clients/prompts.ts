/** A question behind `words` words that begin like no other's, so that all of it is read. */
export function longQuestion(salt: string, words = 600): string {
  return `${salt}: ${'read '.repeat(words)}What is prefill?`;
}
