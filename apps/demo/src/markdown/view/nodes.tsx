import { createElement, memo, type ReactNode } from 'react';

import type { MarkdownNode } from '../parse/node.ts';
import { leadsOutside } from '../parse/safe-link.ts';
import { textPieces } from '../parse/text-pieces.ts';
import { CodeBlock } from './code-block.tsx';
import { Formula } from './formula.tsx';

interface NodesProps {
  nodes: readonly MarkdownNode[];
  /** HTML allows no link within a link. */
  inLink?: boolean;
}

/** Shows a part of an answer. The same array renders once. */
export const Nodes = memo(function Nodes({ nodes, inLink = false }: NodesProps): ReactNode {
  return nodes.map((node, at) => renderNode(node, at, inLink));
});

function renderNode(node: MarkdownNode, key: number, inLink: boolean): ReactNode {
  switch (node.kind) {
    case 'text':
      return textPieces(node.text);
    case 'break':
      return <br key={key} />;
    case 'inline':
      return <Nodes key={key} nodes={node.nodes} inLink={inLink} />;
    case 'element':
      return renderElement(node, key, inLink);
    case 'heading':
      return createElement(`h${node.level}`, { key }, <Nodes nodes={node.nodes} />);
    case 'task':
      return <input key={key} type="checkbox" checked={node.done} disabled aria-label={node.done ? 'Done' : 'To do'} />;
    case 'cell':
      return createElement(
        node.head ? 'th' : 'td',
        { key, 'data-align': node.align, ...(node.head && { scope: 'col' }) },
        <Nodes nodes={node.nodes} />,
      );
    case 'link':
      return (
        <Link key={key} href={inLink ? '' : node.href} title={node.title}>
          <Nodes nodes={node.nodes} inLink />
        </Link>
      );
    case 'image':
      return (
        <Link key={key} href={inLink ? '' : node.href} title={node.href}>
          {`Image: ${node.alt || 'without a description'}`}
        </Link>
      );
    case 'code':
      return <CodeBlock key={key} text={node.text} language={node.language} />;
    case 'math':
      return <Formula key={key} source={node.source} display={node.display} raw={node.raw} />;
    default:
      return node satisfies never;
  }
}

function renderElement(node: MarkdownNode & { kind: 'element' }, key: number, inLink: boolean): ReactNode {
  const { tag, start, nodes } = node;
  switch (tag) {
    case 'hr':
      return <hr key={key} />;
    case 'table':
      return (
        <div key={key} className="table-scroll" role="group" aria-label="Table" tabIndex={0}>
          <table>
            <Nodes nodes={nodes} />
          </table>
        </div>
      );
    case 'li':
      return (
        <li key={key} className={nodes[0]?.kind === 'task' ? 'task' : undefined}>
          <Nodes nodes={nodes} />
        </li>
      );
    default:
      return createElement(tag, { key, start }, <Nodes nodes={nodes} inLink={inLink} />);
  }
}

function Link({ href, title, children }: { href: string; title: string; children: ReactNode }) {
  if (!leadsOutside(href)) return <span title={title || href || undefined}>{children}</span>;
  return (
    <a href={href} title={title || undefined} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
