/** Behind `words` words that begin like no other's, so that all of it is read, what is answered at length. */
export function longQuestion(salt: string, words = 600): string {
  return `${salt}: ${'read '.repeat(words)}Tell me a story.`;
}
