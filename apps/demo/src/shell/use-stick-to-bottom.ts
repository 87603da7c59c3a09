import { useCallback, useEffect, useRef, useState } from 'react';

/** A scroll position within so many pixels of the end counts as the end. */
const near = 32;

/**
 * Keeps a scrolling element at its end while its content grows, unless the user has scrolled up. After `toBottom(false)` it
 * stays where it is.
 */
export function useStickToBottom() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticks = useRef(false);
  const follows = useRef(true);
  const [atBottom, setAtBottom] = useState(true);

  const toBottom = useCallback((follow = true) => {
    sticks.current = true;
    follows.current = follow;
    setAtBottom(true);
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return;
    let before = element.scrollTop;
    const onScroll = () => {
      const left = element.scrollHeight - element.clientHeight - element.scrollTop;
      // Growing content also moves the position away from the end, without scrolling up.
      if (left <= near) sticks.current = true;
      else if (element.scrollTop < before) sticks.current = false;
      before = element.scrollTop;
      setAtBottom(sticks.current);
    };
    const growth = new ResizeObserver(() => {
      if (!sticks.current || !follows.current) return;
      element.scrollTop = element.scrollHeight;
      // Content that has become shorter moves the position up, too. Its scroll event may come after the next growth.
      before = element.scrollTop;
    });
    // What the user opens grows below the press, which stays where it is.
    const onClick = ({ target }: MouseEvent) => {
      if (target instanceof Element && target.closest('summary, [aria-expanded]')) sticks.current = false;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    inner.addEventListener('click', onClick, { capture: true });
    growth.observe(inner);
    growth.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      inner.removeEventListener('click', onClick, { capture: true });
      growth.disconnect();
    };
  }, []);

  return { scroller, content, atBottom, toBottom };
}
