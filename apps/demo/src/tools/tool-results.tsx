import { useState } from 'react';

import type { ToolResult } from '../composer/draft.ts';
import { prettyJson } from '../conversation/json-answer.ts';
import { CodeBlock } from '../markdown/view/code-block.tsx';
import { EditIcon } from '../shell/icons.tsx';
import '../styles/markdown.css';
import '../styles/tools.css';
import { ResultForm } from './result-form.tsx';

interface ToolResultsProps {
  results: readonly ToolResult[];
  onResend: (results: ToolResult[]) => void;
}

/** The results that the user pasted in, with a way to send others in their place. */
export default function ToolResults({ results, onResend }: ToolResultsProps) {
  const [editing, setEditing] = useState(false);
  if (editing) {
    const resend = (changed: ToolResult[]) => {
      setEditing(false);
      onResend(changed);
    };
    return <ResultForm calls={results} results={results} onSend={resend} onCancel={() => setEditing(false)} />;
  }
  return (
    <div className="tool-results">
      {results.map(({ id, name, text }) => {
        const pretty = prettyJson(text);
        const isJson = /^\s*[{[]/.test(text) && pretty !== text;
        return (
          <div key={id} className="tool-result" role="group" aria-label={`Result of ${name}`}>
            <p>
              Result of <strong>{name}</strong>
            </p>
            <CodeBlock text={isJson ? pretty : text} language={isJson ? 'json' : ''} />
          </div>
        );
      })}
      <button
        type="button"
        className="small-icon-button"
        aria-label="Edit the result"
        title="Edit and send again"
        onClick={() => setEditing(true)}
      >
        <EditIcon />
      </button>
    </div>
  );
}
