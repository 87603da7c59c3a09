import { ChevronIcon } from '../shell/icons.tsx';

/** What a model thinks before it answers: there for those who want to see it. */
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
