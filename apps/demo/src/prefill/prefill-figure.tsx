import type { PrefillEvent } from '@headway/client';

import { AlertIcon } from '../shell/icons.tsx';
import { percent, percentLoaded, promptStage } from '../words/prefill-words.ts';
import { count } from '../words/quantities.ts';
import { ClockIcon, LoadIcon, SendingIcon } from './stage-icons.tsx';

/** The panel's large figure: a share, a place, or a sign where there is no number. */
export function PrefillFigure({ prefill, lost }: { prefill: PrefillEvent | null; lost: boolean }) {
  if (lost) return <AlertIcon />;
  const stage = promptStage(prefill);
  switch (stage) {
    case 'sending':
      return <SendingIcon />;
    case 'loading': {
      const loaded = percentLoaded(prefill);
      return loaded === null ? <LoadIcon /> : <Percent value={loaded} />;
    }
    case 'queued': {
      const place = prefill?.queuePosition ?? null;
      if (place === null) return <ClockIcon />;
      return (
        <>
          <small>#</small>
          {count(place)}
        </>
      );
    }
    case 'waiting':
      return <ClockIcon />;
    case 'prefill':
      return prefill && <Percent value={percent(prefill)} />;
    default:
      return stage satisfies never;
  }
}

function Percent({ value }: { value: number }) {
  return (
    <>
      {value}
      <small>%</small>
    </>
  );
}
