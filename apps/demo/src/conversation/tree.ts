import { beginning, type Message, type Question, type Reply } from '../storage/records.ts';

/** A question and its replies, on the branch that is shown. */
export interface Exchange {
  question: Question;
  /** The question's versions in order, itself included. */
  versions: readonly Question[];
  /** The reply that the conversation goes on with; null if there is none yet. */
  reply: Reply | null;
  /** All replies to the question, in order. */
  replies: readonly Reply[];
  /** The replies to show side by side, until the user picks one; null for one reply at a time. */
  sideBySide: readonly Reply[] | null;
}

/** The branch of a conversation that is shown, from the first question on. Where nothing is chosen it follows the latest version. */
export function shownBranch(messages: readonly Message[], chosen: Readonly<Record<string, string>>): Exchange[] {
  const children = childrenByParent(messages);
  const branch: Exchange[] = [];
  // Every record has one parent, and the first question has none: so the walk never comes to a record twice.
  let parent: string | null = null;
  for (;;) {
    const versions: Question[] = (children.get(parent) ?? []).filter((one) => one.kind === 'question');
    const question: Question | null = pick(versions, chosen[parent ?? beginning]);
    if (!question) return branch;
    const replies: Reply[] = (children.get(question.id) ?? []).filter((one) => one.kind === 'reply');
    const picked: Reply | undefined = replies.find(({ id }) => id === chosen[question.id]);
    const latest = replies.at(-1) ?? null;
    const set = picked || !latest?.set ? [] : replies.filter((one) => one.set === latest.set);
    const reply: Reply | null = picked ?? set[0] ?? latest;
    branch.push({ question, versions, reply, replies, sideBySide: set.length > 1 ? set : null });
    if (!reply) return branch;
    parent = reply.id;
  }
}

/** The version `by` places after the shown one; undefined beyond the ends. */
export function neighbour<T extends { id: string }>(versions: readonly T[], shown: string, by: number): T | undefined {
  const at = versions.findIndex(({ id }) => id === shown);
  return at < 0 ? undefined : versions[at + by];
}

function pick<T extends { id: string }>(versions: readonly T[], chosen: string | undefined): T | null {
  return versions.find(({ id }) => id === chosen) ?? versions.at(-1) ?? null;
}

function childrenByParent(messages: readonly Message[]): Map<string | null, Message[]> {
  const children = new Map<string | null, Message[]>();
  for (const message of messages.toSorted(inOrder)) {
    const siblings = children.get(message.parent);
    if (siblings) siblings.push(message);
    else children.set(message.parent, [message]);
  }
  return children;
}

/** Oldest first; the replies of one set in the order of its cards. */
function inOrder(one: Message, other: Message): number {
  return one.created - other.created || placeInSet(one) - placeInSet(other) || (one.id < other.id ? -1 : 1);
}

function placeInSet(message: Message): number {
  return message.kind === 'reply' ? message.index : 0;
}
