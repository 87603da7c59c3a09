import type { ModelInfo } from '@headway/client';

import { loadCommand } from '../shell/model-badge.tsx';

const story = 'Tell me a story about a brave little toaster in Paris';
const question = 'What is prefill?';

interface EmptyChatProps {
  model: ModelInfo | undefined;
  onAsk: (text: string) => void;
  onSampleDocument: () => void;
}

/** Suggestions for an empty chat, and what to expect of the model. */
export function EmptyChat({ model, onAsk, onSampleDocument }: EmptyChatProps) {
  return (
    <div className="empty-chat">
      <h2>Watch the model read, then write</h2>
      <p className="empty-lead">
        A model reads the whole prompt before its first word. Headway shows how far it is, in tokens and in time.
      </p>
      <ul className="suggestions">
        <li>
          <button type="button" onClick={onSampleDocument}>
            <strong>Try a long document</strong>
            <span>Attaches five pages, so that you see the bar move</span>
          </button>
        </li>
        <li>
          <button type="button" onClick={() => onAsk(question)}>
            <strong>{question}</strong>
            <span>Ask about Headway and its words</span>
          </button>
        </li>
        <li>
          <button type="button" onClick={() => onAsk(story)}>
            <strong>Tell me a story</strong>
            <span>About a brave little toaster in Paris</span>
          </button>
        </li>
      </ul>
      {model?.id.startsWith('storyteller') && (
        <p className="honest">
          <strong>{model.id}</strong> is a tiny demo model of 5 million parameters. It tells little stories and knows a
          little about Headway; it cannot really summarise.{' '}
          <span className="at-a-desk">
            For real answers, load a bigger one: <code>{loadCommand}</code>
          </span>
        </p>
      )}
    </div>
  );
}
