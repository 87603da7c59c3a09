import { ChevronIcon } from '../shell/icons.tsx';

/** A model's reasoning, closed until the user opens it. */
export function Reasoning({ text, live }: { text: string; live: boolean }) {
  return (
    <details className="reasoning">
      <summary>
        <ChevronIcon />
        {live ? <span className="pulse">Thinking</span> : 'Its thoughts'}
      </summary>
      <div className="cut-text">{text}</div>
    </details>
  );
}
