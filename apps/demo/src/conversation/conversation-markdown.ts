import { prettyJson } from './json-answer.ts';
import { toolCallsOf } from './tool-messages.ts';
import type { Exchange } from './tree.ts';

/** The shown branch of a conversation as a Markdown document. Documents are fenced, so that their text stays text. */
export function conversationMarkdown(title: string, branch: readonly Exchange[]): string {
  const parts = branch.flatMap(({ question, reply }) => [
    '## You',
    ...question.documents.map(({ name, text }) => `**${escapeInline(name)}**\n\n${fenced(text)}`),
    ...(question.toolResults ?? []).map(({ name, text }) => `**Result of ${escapeInline(name)}**\n\n${fenced(text)}`),
    question.text.trim(),
    `## ${reply?.model ?? 'Answer'}`,
    reply?.result?.text.trim() ?? '',
    ...(reply ? toolCallsOf(reply) : []).map(
      ({ name, arguments: text }) => `**Calls ${escapeInline(name)}**\n\n${fenced(prettyJson(text))}`,
    ),
  ]);
  return `${[`# ${escapeInline(title)}`, ...parts].filter((part) => part !== '').join('\n\n')}\n`;
}

/** A fence longer than any in the text, so that none of them ends it. */
function fenced(text: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, '')}\n${fence}`;
}

function escapeInline(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#|]/g, String.raw`\$&`);
}
