import type { Runs } from '../chats/runs.ts';
import { PrefillPanel } from '../prefill/prefill-panel.tsx';
import type { Reply } from '../storage/records.ts';
import { useReply } from '../chats/use-reply.ts';

interface SharedPromptProps {
  replies: readonly Reply[];
  runs: Pick<Runs, 'get'>;
  lost: boolean;
}

/** The progress of the prompt that all answers of one generation share: it is read once. */
export function SharedPrompt({ replies, runs, lost }: SharedPromptProps) {
  const [first] = replies;
  const answer = useReply(first ?? null, runs);
  const shared = replies.every(({ generation }) => generation === first?.generation);
  const reading = answer.state !== 'decode' && answer.state !== 'done' && answer.state !== 'error';
  if (!first || !shared || !reading) return null;
  return <PrefillPanel generation={answer} lost={lost} sentAt={first.created} />;
}
