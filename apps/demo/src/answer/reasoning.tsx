import { useState } from 'react';

import { AnswerText } from '../markdown/answer-text.tsx';
import { ChevronIcon } from '../shell/icons.tsx';
import { reasoningWords } from '../words/reasoning-words.ts';

interface ReasoningProps {
  text: string;
  /** Whether the model still thinks. */
  live: boolean;
  tokens: number;
  ms: number;
}

/** A model's reasoning, closed until the user opens it. */
export function Reasoning({ text, live, tokens, ms }: ReasoningProps) {
  const [open, setOpen] = useState(false);
  const words = reasoningWords({ live, tokens, ms });
  return (
    <details className="reasoning" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <ChevronIcon />
        {live ? <span className="pulse">{words}</span> : words}
      </summary>
      {open && (
        <div className="reasoning-text" tabIndex={0} role="group" aria-label="Thoughts">
          <AnswerText text={text} live={live} />
        </div>
      )}
    </details>
  );
}
