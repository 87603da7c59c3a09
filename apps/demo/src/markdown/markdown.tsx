import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react';

import '../styles/markdown.css';
import { createReader, type Block } from './parse/read-blocks.ts';
import { usePacedText } from './use-paced-text.ts';
import { Growing } from './view/growing.ts';
import { KeepSelection } from './view/keep-selection.tsx';
import { Nodes } from './view/nodes.tsx';

interface MarkdownProps {
  text: string;
  /** Whether the text may still grow. */
  live: boolean;
}

/** An answer as Markdown, which is rendered no more often than the page can take. */
export const PacedMarkdown = memo(function PacedMarkdown({ text, live }: MarkdownProps) {
  const { shown, onRendered } = usePacedText(text, live);
  return <Markdown text={shown} live={live} onRendered={onRendered} />;
});

/** @param onRendered gets the time that a render and its layout took, in milliseconds */
export const Markdown = memo(function Markdown({
  text,
  live,
  onRendered,
}: MarkdownProps & { onRendered?: (costMs: number) => void }) {
  const started = performance.now();
  const [read] = useState(createReader);
  const blocks = useMemo(() => read(text, live), [read, text, live]);
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // Asks for the layout, which the frame needs in any case.
    element.current?.getBoundingClientRect();
    onRendered?.(performance.now() - started);
  });
  return (
    <KeepSelection element={element} className="answer-text markdown" data-live={live || undefined}>
      {blocks.map((block, at) => (
        <BlockView key={at} block={block} growing={live && at === blocks.length - 1} />
      ))}
    </KeepSelection>
  );
});

const BlockView = memo(function BlockView({ block, growing }: { block: Block; growing: boolean }) {
  return (
    <Growing value={growing}>
      <Nodes nodes={block.nodes} />
    </Growing>
  );
});
