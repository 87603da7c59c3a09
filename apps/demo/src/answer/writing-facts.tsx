import { rate, tokens } from '../words/quantities.ts';

/** The line under an answer while it is written. It has the height of the line that follows it. */
export function WritingFacts({
  tokensPerSecond,
  completionTokens,
}: {
  tokensPerSecond: number;
  completionTokens: number;
}) {
  return (
    <div className="answer-foot">
      <ul className="facts" aria-label="Progress of the answer">
        <li>
          <span className="pulse">Writing</span>
        </li>
        <li>
          <strong>{rate(tokensPerSecond)}</strong> tokens/s
        </li>
        <li>{tokens(completionTokens)}</li>
      </ul>
    </div>
  );
}
