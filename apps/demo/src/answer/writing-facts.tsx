import { Heartbeat } from '../prefill/heartbeat.tsx';
import { stallWords } from '../words/progress/stall-words.ts';

/** The line under an answer during decode. It has the height of the line that replaces it. */
export function WritingFacts({ heartbeat, stalledMs }: { heartbeat: number; stalledMs: number | null }) {
  const stall = stallWords(stalledMs);
  return (
    <p className="answer-foot writing">
      Writing
      <Heartbeat beat={heartbeat} />
      {stall !== null && <strong data-warn>{stall}</strong>}
    </p>
  );
}
