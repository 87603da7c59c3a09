import { Heartbeat } from '../prefill/heartbeat.tsx';
import { stallWords } from '../words/progress/stall-words.ts';

interface WritingFactsProps {
  /** Whether the model has thoughts so far, and no answer. */
  thinking: boolean;
  heartbeat: number;
  stalledMs: number | null;
}

/** The line under an answer during decode. It has the height of the line that replaces it. */
export function WritingFacts({ thinking, heartbeat, stalledMs }: WritingFactsProps) {
  const stall = stallWords(stalledMs);
  return (
    <p className="answer-foot writing">
      {thinking ? 'Thinking' : 'Writing'}
      <Heartbeat beat={heartbeat} />
      {stall !== null && <strong data-warn>{stall}</strong>}
    </p>
  );
}
