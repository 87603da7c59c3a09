import { rate, timeToGo, tokens } from '../words/quantities.ts';

/** The line under an answer during decode. It has the height of the line that replaces it. */
export function WritingFacts({
  tokensPerSecond,
  completionTokens,
  stalledMs,
}: {
  /** Null until known. */
  tokensPerSecond: number | null;
  completionTokens: number;
  stalledMs: number | null;
}) {
  return (
    <div className="answer-foot">
      <ul className="facts" aria-label="Progress of the answer">
        <li>
          <span className="pulse">Writing</span>
        </li>
        {stalledMs !== null && <li>{`no news for ${timeToGo(stalledMs)}`}</li>}
        {stalledMs === null && tokensPerSecond !== null && (
          <li>
            <strong>{rate(tokensPerSecond)}</strong> tokens/s
          </li>
        )}
        <li>{tokens(completionTokens)}</li>
      </ul>
    </div>
  );
}
