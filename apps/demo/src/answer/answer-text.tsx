import { memo } from 'react';

import { CopyButton } from '../shell/copy-button.tsx';
import { parseBlocks, parseCode, parseSpans } from './blocks.ts';

/** An answer as paragraphs and code, never as markup. A block's index is its key, since only the last block changes. */
export const AnswerText = memo(function AnswerText({ text, live }: { text: string; live: boolean }) {
  return (
    <div className="answer-text" data-live={live || undefined}>
      {parseBlocks(text).map((block, at) =>
        block.kind === 'code' ? (
          <Code key={at} text={block.text} language={block.language} />
        ) : (
          <Paragraph key={at} text={block.text} continues={block.continues} />
        ),
      )}
    </div>
  );
});

const Paragraph = memo(function Paragraph({ text, continues }: { text: string; continues: boolean }) {
  return (
    <p data-continues={continues || undefined}>
      {parseSpans(text).map((span, at) => (span.code ? <code key={at}>{span.text}</code> : span.text))}
    </p>
  );
});

const Code = memo(function Code({ text, language }: { text: string; language: string }) {
  return (
    <figure className="code">
      <figcaption>
        {language || 'code'}
        <CopyButton text={text} what="code" />
      </figcaption>
      <pre tabIndex={0}>
        {parseCode(text).map((part, at) => (
          <CodePart key={at} text={part} />
        ))}
      </pre>
    </figure>
  );
});

const CodePart = memo(function CodePart({ text }: { text: string }) {
  return <code>{text}</code>;
});
