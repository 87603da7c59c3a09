import type { TemplateMessage } from './chat-template.ts';
import type { TemplateAbilities } from './template-abilities.ts';

/**
 * Moves messages to where the template shows them. Agents send several system messages, some after a question; most
 * templates show one at the head, and refuse or skip the others. Messages that the template shows stay in place.
 */
export function placeMessages(
  messages: readonly TemplateMessage[],
  { system, laterSystem, repeatedUser }: Pick<TemplateAbilities, 'system' | 'laterSystem' | 'repeatedUser'>,
): TemplateMessage[] {
  const placed = system && laterSystem ? [...messages] : withoutLaterSystem(messages);
  const asked = system ? placed : withoutSystem(placed);
  return repeatedUser ? asked : joinUsers(asked);
}

/**
 * Joins the system messages at the head; later ones become the user's, in place, so that the prompt's beginning stays.
 */
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

/** Puts the system message's text at the beginning of the user message that follows. */
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
