import { FileName } from '../documents/file-name.tsx';
import { Popover } from '../shell/popover.tsx';
import type { Forecast, TokenCount } from './forecast.ts';
import { documentTokensText, forecastFacts, meterLabel, meterParts, meterText, meterTime } from './forecast-words.ts';

interface ContextMeterProps {
  forecast: Forecast;
  documents: readonly { id: string; name: string }[];
  documentTokens: ReadonlyMap<string, TokenCount>;
}

/** How much of the model's context the prompt takes. Pressing it shows the details. */
export function ContextMeter({ forecast, documents, documentTokens }: ContextMeterProps) {
  const text = meterText(forecast);
  if (text === null) return null;
  const time = meterTime(forecast);
  const parts = meterParts(forecast);
  const counted = documents.flatMap(({ id, name }) => {
    const tokens = documentTokens.get(id);
    return tokens ? [{ id, name, tokens }] : [];
  });
  return (
    <div className="context-meter" data-over={forecast.state === 'over' || forecast.state === 'too-large' || undefined}>
      <Popover
        label={meterLabel(forecast)}
        className="context-meter-button"
        side="above"
        button={
          <>
            <span>
              {text}
              {time !== null && <span className="context-time">{` · ${time}`}</span>}
            </span>
            {parts && (
              <span className="context-bar" aria-hidden="true">
                <span data-part="cached" style={{ width: percent(parts.cached) }} />
                <span data-part="fresh" style={{ width: percent(parts.fresh) }} />
                <span data-part="answer" style={{ width: percent(parts.answer) }} />
              </span>
            )}
          </>
        }
      >
        <p className="popover-lead">{lead(forecast)}</p>
        {forecast.state === 'fits' && (
          <dl className="model-facts">
            {forecastFacts(forecast).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {counted.length > 0 && (
          <dl className="model-facts context-documents" aria-label="Tokens of each document">
            {counted.map(({ id, name, tokens }) => (
              <div key={id}>
                <dt>
                  <FileName name={name} />
                </dt>
                <dd>{documentTokensText(tokens)}</dd>
              </div>
            ))}
          </dl>
        )}
      </Popover>
    </div>
  );
}

function lead(forecast: Forecast): string {
  switch (forecast.state) {
    case 'fits':
      return 'What the model would read if you sent this now, the whole chat included.';
    case 'over':
      return 'The whole chat is longer than what this model can read at once.';
    case 'too-large':
      return 'The whole chat is larger than what the gateway takes.';
    case 'counting':
    case 'none':
      return 'The gateway counts the tokens of the whole chat.';
    default:
      return forecast satisfies never;
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}
