/** A question with a long answer after `words` words. `salt` makes its beginning unique, so that none of it is cached. */
export function longQuestion(salt: string, words = 600): string {
  return `${salt}: ${'read '.repeat(words)}Tell me a story.`;
}
