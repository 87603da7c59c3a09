import type { FinishReason, Timings, Usage } from '@headway/client';

import { finishWords } from '../words/finish-words.ts';
import { count, duration, rate, tokens } from '../words/quantities.ts';

/** The line under an ended answer: tokens, times and how it ended. */
export function DoneFacts({
  usage,
  timings,
  finishReason,
}: {
  usage: Usage;
  timings: Timings;
  finishReason: FinishReason;
}) {
  const { promptTokens, promptTotal = promptTokens, cachedTokens, completionTokens } = usage;
  const { timeToFirstTokenMs, decodeTokensPerSecond } = timings;
  const cached = cachedTokens > 0 ? ` (${count(cachedTokens)} cached)` : '';
  const speed = decodeTokensPerSecond === null ? '' : ` at ${rate(decodeTokensPerSecond)} tokens/s`;
  return (
    <ul className="facts" aria-label="Usage and timings">
      <li>
        Read {promptTokens < promptTotal && `${count(promptTokens)} of `}
        {tokens(promptTotal)}
        {cached}
      </li>
      {timeToFirstTokenMs !== null && <li>first token after {duration(timeToFirstTokenMs)}</li>}
      {completionTokens > 0 && (
        <li>
          wrote {count(completionTokens)}
          {speed}
        </li>
      )}
      <li>{finishWords[finishReason]}</li>
    </ul>
  );
}
