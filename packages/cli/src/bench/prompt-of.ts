const words =
  'the model reads a long page about rivers and small boats before it writes the first word of its answer'.split(' ');

const sampleWords = 200;

/**
 * Makes prompts of about so many tokens. How many tokens a word takes is asked once, of the model itself. Each `run`
 * begins differently, so that no prompt finds another in memory.
 */
export async function createPromptOf(countTokens: (prompt: string) => Promise<number>) {
  const perWord = (await countTokens(textOf(sampleWords, 'sample'))) / sampleWords;
  return (tokens: number, run: number): string => textOf(Math.max(1, Math.round(tokens / perWord)), `run ${run}`);
}

function textOf(count: number, title: string): string {
  return `${title}: ${Array.from({ length: count }, (_, at) => words[at % words.length]).join(' ')}`;
}
