import type { ToolResult } from '../composer/draft.ts';
import { prettyJson } from '../conversation/json-answer.ts';
import type { ToolCall } from '../conversation/tool-messages.ts';
import { CodeBlock } from '../markdown/view/code-block.tsx';
import { Growing } from '../markdown/view/growing.ts';
import { ToolIcon } from '../shell/icons.tsx';
import '../styles/markdown.css';
import '../styles/tools.css';
import { ResultForm } from './result-form.tsx';

interface ToolCallsProps {
  calls: readonly ToolCall[];
  /** Whether the last call's arguments may still grow. */
  live: boolean;
  /** Only where the calls wait for results. */
  onResults?: ((results: ToolResult[]) => void) | undefined;
}

/** The calls of an answer as the model makes them, and boxes for their results. */
export default function ToolCalls({ calls, live, onResults }: ToolCallsProps) {
  return (
    <div className="tool-calls">
      {calls.map(({ id, name, arguments: text }, at) => (
        <div key={id} className="tool-call" role="group" aria-label={`Call of ${name}`}>
          <p>
            <ToolIcon />
            Calls <strong>{name}</strong>
          </p>
          {/* A call without arguments has no text. */}
          {text.trim() !== '' && (
            <Growing value={live && at === calls.length - 1}>
              <CodeBlock text={prettyJson(text)} language="json" />
            </Growing>
          )}
        </div>
      ))}
      {onResults && <ResultForm calls={calls} onSend={onResults} />}
    </div>
  );
}
