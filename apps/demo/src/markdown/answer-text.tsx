import { memo, useEffect, useState } from 'react';

type PacedMarkdown = (typeof import('./markdown.tsx'))['PacedMarkdown'];

let loaded: PacedMarkdown | null = null;
let loading: Promise<void> | null = null;

/** Loads what shows Markdown, which no message needs to be sent. Without it, text is shown as it is. */
export function loadMarkdown(): Promise<void> {
  loading ??= import('./markdown.tsx').then(
    (module) => {
      loaded = module.PacedMarkdown;
    },
    () => {
      // The next answer tries again.
      loading = null;
    },
  );
  return loading;
}

/** An answer's text, while it grows and afterwards. */
export const AnswerText = memo(function AnswerText({ text, live }: { text: string; live: boolean }) {
  const [Markdown, setMarkdown] = useState(() => loaded);
  useEffect(() => {
    if (!Markdown) void loadMarkdown().then(() => setMarkdown(() => loaded));
  }, [Markdown]);

  if (Markdown) return <Markdown text={text} live={live} />;
  return (
    <div className="answer-text" data-live={live || undefined}>
      <p className="plain-text">{text}</p>
    </div>
  );
});
