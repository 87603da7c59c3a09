import { lazy, Suspense, useCallback, useState } from 'react';

import type { LibraryState } from '../chats/library.ts';
import type { Session } from '../chats/session.ts';
import type { Gateway } from '../shell/use-gateway.ts';
import { ChatPanel } from './chat-panel.tsx';
import { Rail } from './rail.tsx';
import { RailTabs, type RailTab } from './rail-tabs.tsx';

const GatewayPanel = lazy(async () => ({
  default: (await import('../gateway-panel/gateway-panel.tsx')).GatewayPanel,
}));

interface ChatRailProps {
  session: Session;
  gateway: Gateway;
  state: LibraryState;
  open: boolean;
  onClose: () => void;
  onShow: (id: string) => void;
  onDelete: (id: string) => void;
  /** Says why something could not be done. */
  onNotice: (notice: string | null) => void;
}

/** The rail with its two sides: the chats, and what the gateway does. */
export function ChatRail(props: ChatRailProps) {
  const { session, gateway, state, open, onClose, onShow, onDelete, onNotice } = props;
  const { client, chats } = session;
  const [shown, setShown] = useState<RailTab>('chats');
  const { conversations } = state;
  const titleOf = useCallback(
    (generation: string) => {
      const id = chats.conversationOf(generation);
      return conversations.find((one) => one.id === id)?.title ?? null;
    },
    [chats, conversations],
  );
  const watch = useCallback(
    (generation: string) => {
      const id = chats.conversationOf(generation);
      if (id !== null) onShow(id);
    },
    [chats, onShow],
  );
  return (
    <Rail open={open} onClose={onClose}>
      <RailTabs shown={shown} onShow={setShown}>
        {shown === 'chats' ? (
          <ChatPanel library={chats.library} state={state} onShow={onShow} onDelete={onDelete} onNotice={onNotice} />
        ) : (
          <Suspense>
            <GatewayPanel client={client} gateway={gateway} titleOf={titleOf} onWatch={watch} />
          </Suspense>
        )}
      </RailTabs>
    </Rail>
  );
}
