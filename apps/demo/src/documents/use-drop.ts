import { useEffect, useState } from 'react';

import { entriesOf, type DroppedEntry } from './folder/entries-of.ts';

/** Accepts files and folders dropped anywhere on the page. Returns true while the user drags files over it. */
export function useDrop(onAttach: (attached: File[] | DroppedEntry[]) => void): boolean {
  const [over, setOver] = useState(false);

  useEffect(() => {
    // The pointer enters an element before it leaves the one around it.
    let depth = 0;
    const withFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!withFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const hover = (event: DragEvent) => {
      if (withFiles(event)) event.preventDefault();
    };
    const leave = (event: DragEvent) => {
      if (!withFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (event.dataTransfer) onAttach(entriesOf(event.dataTransfer));
    };

    const listening = new AbortController();
    const { signal } = listening;
    window.addEventListener('dragenter', enter, { signal });
    window.addEventListener('dragover', hover, { signal });
    window.addEventListener('dragleave', leave, { signal });
    window.addEventListener('drop', drop, { signal });
    return () => listening.abort();
  }, [onAttach]);

  return over;
}
