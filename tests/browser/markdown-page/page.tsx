import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

import { Markdown } from '../../../apps/demo/src/markdown/markdown.tsx';
import '../../../apps/demo/src/styles/index.css';

/** What the page can tell about a text that it showed character by character. */
export interface Shown {
  /** The first shown text that holds what must never be seen. */
  seen: string | null;
  /** Whether the element is the same as that of the whole text, rendered at once. */
  same: boolean;
  /** Whether what was wanted came up. */
  found: boolean;
  html: string;
  wholeHtml: string;
  tags: string[];
  links: { href: string; rel: string; target: string }[];
  /** Attributes that would run something. */
  handlers: string[];
}

const container = (id: string) => document.getElementById(id) as HTMLElement;

/** @param wanted a selector that the text must bring up, such as that of a formula once it is loaded */
async function showText(text: string, never: string | null, wanted: string | null): Promise<Shown> {
  const [streamed, whole] = [container('streamed'), container('whole')];
  const [streamedRoot, wholeRoot] = [createRoot(streamed), createRoot(whole)];
  const forbidden = never === null ? null : new RegExp(never);
  let seen: string | null = null;
  let written = '';
  for (const character of text) {
    written += character;
    flushSync(() => streamedRoot.render(<Markdown text={written} live />));
    if (forbidden && seen === null && forbidden.test(streamed.textContent)) seen = streamed.textContent;
  }
  flushSync(() => streamedRoot.render(<Markdown text={text} live={false} />));
  flushSync(() => wholeRoot.render(<Markdown text={text} live={false} />));
  await until(() => isSame(streamed, whole) && (wanted === null || streamed.querySelector(wanted) !== null));
  const all = [...streamed.querySelectorAll('*')];
  const shown = {
    seen,
    same: isSame(streamed, whole),
    found: wanted !== null && streamed.querySelector(wanted) !== null,
    html: streamed.innerHTML,
    wholeHtml: whole.innerHTML,
    tags: [...new Set(all.map(({ tagName }) => tagName.toLowerCase()))].toSorted(),
    links: [...streamed.querySelectorAll('a')].map(({ href, rel, target }) => ({ href, rel, target })),
    handlers: all.flatMap((element) => element.getAttributeNames().filter((name) => isHarmful(name, element))),
  };
  streamedRoot.unmount();
  wholeRoot.unmount();
  return shown;
}

/** A formula has styles, which the page sets itself. */
function isHarmful(name: string, element: Element): boolean {
  return /^on|^src|^action$/.test(name) || (name === 'style' && !(element instanceof MathMLElement));
}

/** Shows a text for a picture, and leaves it there. */
function keepText(text: string, live: boolean): void {
  createRoot(container('streamed')).render(<Markdown text={text} live={live} />);
}

/** Colours and formulas come later than the text. Gives up after five seconds. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!isSo() && performance.now() < end) await new Promise((resolve) => requestAnimationFrame(resolve));
}

/** Neighbouring text nodes count as one. */
function isSame(one: Node, other: Node): boolean {
  const [first, second] = [one.cloneNode(true), other.cloneNode(true)];
  first.normalize();
  second.normalize();
  return [...first.childNodes].every((node, at) => node.isEqualNode(second.childNodes[at] ?? null));
}

/** Returns a function that shows a growing text at once. */
function growText(): (text: string) => void {
  const root = createRoot(container('streamed'));
  return (text) => flushSync(() => root.render(<Markdown text={text} live />));
}

Object.assign(window, { showText, keepText, growText });
