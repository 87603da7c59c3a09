import { Answer } from '../answer/answer.tsx';
import type { ToolResult } from '../composer/draft.ts';
import type { Reply } from '../storage/records.ts';
import { useReply } from '../chats/use-reply.ts';
import type { Runs } from '../chats/runs.ts';

interface ReplyAnswerProps {
  reply: Reply;
  runs: Pick<Runs, 'get'>;
  /** Whether the connection is lost for now. */
  reconnecting: boolean;
  onRetry?: (() => void) | undefined;
  onEdit?: (() => void) | undefined;
  /** Only for the last answer of the chat. */
  onResults?: ((results: ToolResult[]) => void) | undefined;
}

/** A reply, which only renders again when its own generation moves. */
export function ReplyAnswer({ reply, runs, reconnecting, onRetry, onEdit, onResults }: ReplyAnswerProps) {
  const answer = useReply(reply, runs);
  return (
    <Answer
      answer={answer}
      reconnecting={reconnecting && reply.result === null}
      sentAt={reply.created}
      onRetry={onRetry}
      onEdit={onEdit}
      json={reply.json}
      onResults={onResults}
    />
  );
}
