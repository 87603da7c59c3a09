import { useId, useState } from 'react';

import type { ToolResult } from '../composer/draft.ts';
import { list } from '../words/list.ts';

interface ResultFormProps {
  calls: readonly { id: string; name: string }[];
  /** What the boxes hold at first. */
  results?: readonly ToolResult[];
  onSend: (results: ToolResult[]) => void;
  onCancel?: () => void;
}

/** A box for the result of each call. The model goes on when it has all of them. */
export function ResultForm({ calls, results = [], onSend, onCancel }: ResultFormProps) {
  const [texts, setTexts] = useState(() => new Map(results.map(({ id, text }) => [id, text])));
  const [tried, setTried] = useState(false);
  const formId = useId();
  const textOf = (id: string) => texts.get(id) ?? '';
  const missing = calls.filter(({ id }) => textOf(id).trim() === '');
  const send = () => {
    setTried(true);
    if (missing.length === 0) onSend(calls.map(({ id, name }) => ({ id, name, text: textOf(id) })));
  };
  return (
    <form
      className="result-form"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {calls.map(({ id, name }, at) => {
        const isMissing = tried && missing.some((one) => one.id === id);
        const place = calls.length > 1 ? ` (${at + 1} of ${calls.length})` : '';
        return (
          <label key={id}>
            <span>
              Result of {name}
              {place}
            </span>
            <textarea
              rows={Math.min(10, Math.max(2, textOf(id).split('\n').length))}
              value={textOf(id)}
              placeholder="Paste what the tool returns, as text or JSON"
              aria-invalid={isMissing}
              aria-describedby={isMissing ? formId : undefined}
              onChange={(event) => setTexts(new Map(texts).set(id, event.currentTarget.value))}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
                event.preventDefault();
                send();
              }}
            />
          </label>
        );
      })}
      {tried && missing.length > 0 && (
        <p className="result-fault" id={formId} role="alert">
          {list(missing.map(({ name }) => name))} {missing.length === 1 ? 'has' : 'have'} no result yet. Paste one in,
          or write “null” for none.
        </p>
      )}
      <div className="result-actions">
        {onCancel && (
          <button type="button" className="text-button" onClick={onCancel}>
            Cancel
          </button>
        )}
        <button type="submit" className="text-button" data-primary>
          {calls.length > 1 ? 'Send the results' : 'Send the result'}
        </button>
      </div>
    </form>
  );
}
