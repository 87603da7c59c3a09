import { isRunning } from '@headway/client/react';

import type { Runs } from '../chats/runs.ts';
import type { Reply } from '../storage/records.ts';
import { useReply } from '../chats/use-reply.ts';
import { Announcer } from '../shell/progress/announcer.tsx';
import { usePageTitle } from '../shell/progress/use-page-title.ts';

interface PageProgressProps {
  /** The last reply of the shown chat; null if there is none. */
  reply: Reply | null;
  runs: Pick<Runs, 'get'>;
  reconnecting: boolean;
}

/** The progress of the last answer in the page's title and for screen readers. It alone renders at each of its steps. */
export function PageProgress({ reply, runs, reconnecting }: PageProgressProps) {
  const generation = useReply(reply, runs);
  usePageTitle(generation);
  return <Announcer generation={generation} reconnecting={reconnecting && isRunning(generation)} />;
}
