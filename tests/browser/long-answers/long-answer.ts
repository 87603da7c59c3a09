const sentence =
  'The model **reads** a prompt in chunks, and each `chunk` takes *its* time on [this page](https://a.example).';
const line = '  const rest = await readChunk(prompt, { from: 12, size: "large" }); // how long does it take?';

/** A part of each kind of answer, which repeats. */
const parts = {
  prose: `## A heading\n\n${`${sentence} `.repeat(4)}\n\n- ${sentence}\n- ${sentence}\n\n`,
  code: `function read(prompt: string) {\n${`${line}\n`.repeat(8)}}\n\n`,
  paragraph: `${sentence} `,
  list: `- ${sentence}\n`,
};

export type Kind = keyof typeof parts;

export function isKind(name: string): name is Kind {
  return Object.hasOwn(parts, name);
}

/** An answer of at least so many tokens, which are words to the scripted model. Code and paragraph are one block. */
export function longAnswer(kind: Kind, tokens: number): string {
  const part = parts[kind];
  const text = part.repeat(Math.ceil(tokens / part.trim().split(/\s+/).length));
  return kind === 'code' ? `\`\`\`ts\n${text}\n\`\`\`\n` : text;
}
