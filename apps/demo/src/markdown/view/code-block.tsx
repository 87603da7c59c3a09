import { memo, use, useRef, useState } from 'react';

import { CopyButton } from '../../shell/copy-button.tsx';
import { WrapIcon } from '../../shell/icons.tsx';
import { useHighlight, type ChunkColours } from '../highlight/use-highlight.ts';
import { codeChunks } from '../parse/code-chunks.ts';
import { textPieces } from '../parse/text-pieces.ts';
import { Growing } from './growing.ts';
import { KeepSelection } from './keep-selection.tsx';

export const CodeBlock = memo(function CodeBlock({ text, language }: { text: string; language: string }) {
  const growing = use(Growing);
  const colours = useHighlight(text, language, growing);
  const content = useRef<HTMLDivElement>(null);
  const [wraps, setWraps] = useState(false);
  const label = wraps ? 'Do not wrap lines' : 'Wrap lines';
  return (
    <figure className="code" data-wraps={wraps || undefined}>
      <figcaption>
        <span className="code-language">{language || 'code'}</span>
        <button
          type="button"
          className="small-icon-button"
          aria-label={label}
          title={label}
          onClick={() => setWraps(!wraps)}
        >
          <WrapIcon />
        </button>
        <CopyButton text={text} what="code" />
      </figcaption>
      <pre tabIndex={0}>
        <KeepSelection element={content}>
          {codeChunks(text).map((chunk, at) => (
            <Chunk key={at} text={chunk} colours={colours[at]} />
          ))}
        </KeepSelection>
      </pre>
    </figure>
  );
});

interface ChunkProps {
  text: string;
  colours: ChunkColours | undefined;
}

const Chunk = memo(function Chunk({ text, colours }: ChunkProps) {
  if (!colours || !text.startsWith(colours.text)) return <code>{textPieces(text)}</code>;
  let at = 0;
  return (
    <code>
      {colours.spans.map(([name, length], index) => {
        const part = text.slice(at, (at += length));
        if (name === '') return textPieces(part);
        return (
          <span key={index} className={`code-${name}`}>
            {part}
          </span>
        );
      })}
      {textPieces(text.slice(at))}
    </code>
  );
});
