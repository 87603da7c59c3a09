import type { GenerationState, SpanState } from '@headway/client/react';
import type { CSSProperties } from 'react';

import { stageDetail, stageName, stageTime } from '../words/progress/stage-words.ts';
import { count, tokens } from '../words/quantities.ts';
import { RateChart } from './rate-chart.tsx';
import { ratesOf } from './rates.ts';
import { stagesOf } from './stages.ts';

/** An answer's stages with their times and rates, the rates over time, and the documents that were read. */
export default function Timeline({ answer }: { answer: GenerationState }) {
  const stages = stagesOf(answer);
  const totalMs = stages.reduce((sum, { ms }) => sum + ms, 0);
  const { samples, spans, completionTokens } = answer;
  // The samples count the tokens of all answers of the request.
  const several = (samples.at(-1)?.completionTokens ?? 0) > completionTokens;
  return (
    <div className="timeline">
      <ol className="stages" aria-label="Timeline">
        {stages.map((stage, at) => {
          const before = stages.slice(0, at).reduce((sum, { ms }) => sum + ms, 0);
          return (
            <li key={stage.kind} data-kind={stage.kind}>
              <strong>{stageName(stage)}</strong>
              <span>{stageTime(stage)}</span>
              <span>{stageDetail(stage)}</span>
              <span
                className="stage-bar"
                aria-hidden="true"
                style={{ '--from': share(before, totalMs), '--long': share(stage.ms, totalMs) } as CSSProperties}
              />
            </li>
          );
        })}
      </ol>
      <div className="charts">
        <RateChart what="Reading" points={ratesOf(samples, 'prefill')} />
        <RateChart what={several ? 'Writing, all answers' : 'Writing'} points={ratesOf(samples, 'decode')} />
      </div>
      {spans.length > 0 && <Documents spans={spans} />}
    </div>
  );
}

function Documents({ spans }: { spans: readonly SpanState[] }) {
  return (
    <ul className="read-documents" aria-label="Documents read">
      {spans.map(({ number, name, processed, cached, total }) => (
        <li key={number}>
          <span>{name}</span>
          <span>
            {processed < total && `${count(processed)} of `}
            {tokens(total)}
            {cached > 0 && `, ${count(cached)} from cache`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function share(ms: number, totalMs: number): number {
  return totalMs === 0 ? 0 : ms / totalMs;
}
