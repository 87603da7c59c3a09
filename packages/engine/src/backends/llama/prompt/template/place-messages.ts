import type { TemplateMessage } from './chat-template.ts';
import type { TemplateAbilities } from './template-abilities.ts';

/**
 * Puts the messages where the template shows them. Agents tell their models what is so in several system messages, some
 * behind a question; most templates know one at the head, and refuse or pass over the others. What a template shows
 * as it comes stays as it comes.
 */
export function placeMessages(
  messages: readonly TemplateMessage[],
  { system, laterSystem, repeatedUser }: Pick<TemplateAbilities, 'system' | 'laterSystem' | 'repeatedUser'>,
): TemplateMessage[] {
  const placed = system && laterSystem ? [...messages] : withoutLaterSystem(messages);
  const asked = system ? placed : withoutSystem(placed);
  return repeatedUser ? asked : joinUsers(asked);
}

/** One system message at the head; what comes later is said by the user, in its place, so that a prompt begins as before. */
function withoutLaterSystem(messages: readonly TemplateMessage[]): TemplateMessage[] {
  const found = messages.findIndex(({ role }) => role !== 'system');
  const end = found < 0 ? messages.length : found;
  const head = end === 0 ? [] : [{ role: 'system', content: joined(messages.slice(0, end)) }];
  const placed: TemplateMessage[] = [...head];
  for (const message of messages.slice(end)) {
    const before = placed.at(-1);
    if (message.role !== 'system') placed.push(message);
    else if (before?.role === 'user') placed[placed.length - 1] = { ...before, content: joined([before, message]) };
    else placed.push({ ...message, role: 'user' });
  }
  return placed;
}

/** The text of the system message stands at the head of the user's that follows. */
function withoutSystem([first, second, ...others]: readonly TemplateMessage[]): TemplateMessage[] {
  const rest = second === undefined ? [] : [second, ...others];
  if (first?.role !== 'system') return first === undefined ? [] : [first, ...rest];
  if (second?.role === 'user') return [{ ...second, content: joined([first, second]) }, ...others];
  return [{ ...first, role: 'user' }, ...rest];
}

function joinUsers(messages: readonly TemplateMessage[]): TemplateMessage[] {
  const placed: TemplateMessage[] = [];
  for (const message of messages) {
    const before = placed.at(-1);
    if (message.role === 'user' && before?.role === 'user') {
      placed[placed.length - 1] = { ...before, content: joined([before, message]) };
    } else {
      placed.push(message);
    }
  }
  return placed;
}

function joined(messages: readonly TemplateMessage[]): string {
  return messages.map(({ content }) => content).join('\n\n');
}
