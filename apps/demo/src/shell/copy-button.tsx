import { useEffect, useState } from 'react';

import { CheckIcon, CopyIcon } from './icons.tsx';

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2000);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // The user gave no permission, or the page has no secure context.
      setState('failed');
    }
  };

  const label = { idle: `Copy the ${what}`, copied: 'Copied', failed: 'The browser did not allow it' }[state];
  return (
    <button type="button" className="small-icon-button" aria-label={label} title={label} onClick={() => void copy()}>
      {state === 'copied' ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}
