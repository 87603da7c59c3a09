/** JSON with a line for each value, or any other text as it is. Numbers keep all of their digits. */
export function prettyJson(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    // Not ended yet, cut by a limit, or not JSON.
    return text;
  }
  return indented(text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g) ?? []);
}

function indented(tokens: readonly string[]): string {
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  let json = '';
  for (const [at, token] of tokens.entries()) {
    const isEmpty = /[{[]/.test(tokens[at - 1] ?? '') && tokens[at - 1]?.length === 1;
    switch (token) {
      case '{':
      case '[': {
        const closes = tokens[at + 1] === (token === '{' ? '}' : ']');
        if (!closes) depth++;
        json += closes ? token : token + line();
        break;
      }
      case '}':
      case ']':
        if (!isEmpty) depth--;
        json += isEmpty ? token : line() + token;
        break;
      case ',':
        json += token + line();
        break;
      case ':':
        json += ': ';
        break;
      default:
        json += token;
    }
  }
  return json;
}

/**
 * An answer of JSON as Markdown that shows it as code. No line of JSON can end the fence, since its texts have no line
 * breaks; what a model writes beside JSON shows as Markdown, as every answer does.
 *
 * @param live whether the text may still grow; the form of what is shown then stays
 */
export function jsonAnswer(text: string, live: boolean): string {
  return live ? `\`\`\`json\n${text}` : `\`\`\`json\n${prettyJson(text)}\n\`\`\``;
}
