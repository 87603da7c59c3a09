const words =
  'the model reads a long page about rivers and small boats before it writes the first word of its answer'.split(' ');

const sampleWords = 200;

/**
 * Returns a function that makes prompts of about `tokens` tokens. It first counts a sample with the model to learn how many
 * tokens a word takes. Prompts of different runs begin differently, so that none of them is cached.
 */
export async function createSizedPrompts(countTokens: (prompt: string) => Promise<number>) {
  const perWord = (await countTokens(titledWords(sampleWords, 'sample'))) / sampleWords;
  return (tokens: number, run: number): string => titledWords(Math.max(1, Math.round(tokens / perWord)), `run ${run}`);
}

function titledWords(count: number, title: string): string {
  return `${title}: ${Array.from({ length: count }, (_, at) => words[at % words.length]).join(' ')}`;
}
