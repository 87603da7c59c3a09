import type { GenerationState } from '@headway/client/react';
import { useEffect } from 'react';

import { percent, percentLoaded, promptStage } from '../../words/prefill-words.ts';

/** Shows the answer's progress in the page's title, for a user who is in another tab. */
export function usePageTitle({ state, prefill }: GenerationState): void {
  const stage = stageOf(state, prefill);
  useEffect(() => {
    document.title = stage === '' ? 'Headway' : `${stage} · Headway`;
  }, [stage]);
}

function stageOf(state: GenerationState['state'], prefill: GenerationState['prefill']): string {
  switch (state) {
    case 'queued':
      return prefill?.queuePosition ? `Queued at ${prefill.queuePosition}` : 'Queued';
    case 'loading': {
      const loaded = percentLoaded(prefill);
      return loaded === null ? 'Loading' : `Loading ${loaded}%`;
    }
    case 'prefill':
      if (promptStage(prefill) === 'waiting') return 'Waiting';
      return prefill ? `${percent(prefill)}%` : '';
    case 'decode':
      return 'Writing';
    case 'idle':
    case 'connecting':
    case 'done':
    case 'error':
      return '';
    default:
      return state satisfies never;
  }
}
