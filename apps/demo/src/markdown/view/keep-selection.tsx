import { Component, type HTMLAttributes, type RefObject } from 'react';

interface Selected {
  anchor: Place;
  focus: Place;
}

interface Place {
  node: Node;
  offset: number;
  /** The characters before it within the element; null outside of it. */
  before: number | null;
}

interface KeepSelectionProps extends HTMLAttributes<HTMLDivElement> {
  element: RefObject<HTMLDivElement | null>;
}

/** An element whose updates leave what the user has selected in it as it is, even where a text node is written anew. */
export class KeepSelection extends Component<KeepSelectionProps> {
  override getSnapshotBeforeUpdate(): Selected | null {
    const selection = getSelection();
    const { current: root } = this.props.element;
    if (!root || !selection?.anchorNode || !selection.focusNode) return null;
    if (!root.contains(selection.anchorNode) && !root.contains(selection.focusNode)) return null;
    return {
      anchor: placeIn(root, selection.anchorNode, selection.anchorOffset),
      focus: placeIn(root, selection.focusNode, selection.focusOffset),
    };
  }

  override componentDidUpdate(_props: unknown, _state: unknown, selected: Selected | null): void {
    const selection = getSelection();
    const { current: root } = this.props.element;
    if (!selected || !selection || !root) return;
    const { anchor, focus } = selected;
    if (
      isAt(anchor, selection.anchorNode, selection.anchorOffset) &&
      isAt(focus, selection.focusNode, selection.focusOffset)
    )
      return;
    const from = findPlace(root, anchor);
    const to = findPlace(root, focus);
    selection.setBaseAndExtent(...from, ...to);
  }

  override render() {
    const { element, ...rest } = this.props;
    return <div {...rest} ref={element} />;
  }
}

function placeIn(root: Element, node: Node, offset: number): Place {
  if (!root.contains(node) || node.nodeType !== Node.TEXT_NODE) return { node, offset, before: null };
  const range = document.createRange();
  range.setStart(root, 0);
  range.setEnd(node, offset);
  return { node, offset, before: range.toString().length };
}

function isAt({ node, offset }: Place, nowNode: Node | null, nowOffset: number): boolean {
  return node === nowNode && offset === nowOffset;
}

function findPlace(root: Element, { node, offset, before }: Place): [Node, number] {
  if (before === null) return root.isConnected && node.isConnected ? [node, offset] : [root, 0];
  if (root.contains(node) && offset <= (node.nodeValue?.length ?? 0)) return [node, offset];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let left = before;
  let last: Node = root;
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const length = text.nodeValue?.length ?? 0;
    if (left <= length) return [text, left];
    left -= length;
    last = text;
  }
  return [last, last.nodeValue?.length ?? 0];
}
