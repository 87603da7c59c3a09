import type { HeadwayClient } from '@headway/client';
import { useConnection } from '@headway/client/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { Composer } from './composer/composer.tsx';
import { emptyDraft, isEmpty, type Draft } from './composer/draft.ts';
import type { Settings } from './composer/settings.ts';
import { useDraft } from './composer/use-draft.ts';
import { EmptyChat } from './conversation/empty-chat.tsx';
import { messagesToForecast } from './conversation/exchange.ts';
import { Thread } from './conversation/thread.tsx';
import { useConversation } from './conversation/use-conversation.ts';
import { loadSampleDocument } from './documents/sample-document.ts';
import { useDrop } from './documents/use-drop.ts';
import { useForecast } from './forecast/use-forecast.ts';
import { Announcer } from './shell/announcer.tsx';
import { Header } from './shell/header.tsx';
import { KeyPrompt } from './shell/key-prompt.tsx';
import { useGateway } from './shell/use-gateway.ts';
import { usePageTitle } from './shell/use-page-title.ts';

interface AppProps {
  client: HeadwayClient;
  hasKey: boolean;
  onKey: (key: string) => void;
}

export function App({ client, hasKey, onKey }: AppProps) {
  const conversation = useConversation(client);
  const { exchanges, generation, busy, stop } = conversation;
  const gateway = useGateway(client, busy);
  const reconnecting = useConnection(client).phase === 'reconnecting';
  const composing = useDraft();
  const { draft, setNotice } = composing;
  const [settings, setSettings] = useState<Settings>({});
  const [model, setModel] = useState<string | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const over = useDrop(composing.attach);
  usePageTitle(generation);
  useEscape(busy, stop);

  const focusBox = useCallback(() => box.current?.focus(), []);
  const options = model === null ? settings : { ...settings, model };

  const { before } = conversation;
  const request = useMemo(() => {
    const messages = before && messagesToForecast(before, draft);
    return messages && { messages, ...settings, ...(model !== null && { model }) };
  }, [before, draft, settings, model]);
  const models = gateway.connection === 'connected' ? (gateway.status?.models ?? []) : [];
  const forecast = useForecast(client, {
    request,
    documents: draft.documents,
    model: models.find(({ id }) => id === model) ?? models[0],
    occasion: gateway.status?.slots.busy,
  });

  const send = (message: Draft) => {
    if (busy || isEmpty(message)) return;
    const problem = conversation.send(message, options);
    if (problem === null) composing.replace(emptyDraft);
    else setNotice(problem);
    focusBox();
  };

  const edit = () => {
    const message = conversation.takeBack();
    if (message)
      composing.replace({
        text: [message.text, draft.text].filter(Boolean).join('\n'),
        documents: [...message.documents, ...draft.documents],
      });
    focusBox();
  };

  const attachSample = async () => {
    try {
      composing.replace({ text: 'What is the first section?', documents: [await loadSampleDocument()] });
    } catch {
      setNotice('The sample document could not be loaded. Is the gateway running?');
    }
    focusBox();
  };

  const locked = gateway.connection === 'locked';

  return (
    <div className="app">
      <Header
        gateway={gateway}
        reconnecting={reconnecting}
        model={model}
        onModel={setModel}
        onNewChat={
          exchanges.length === 0
            ? null
            : () => {
                conversation.clear();
                focusBox();
              }
        }
      />
      {locked ? (
        <main className="thread">
          <KeyPrompt refused={hasKey} onKey={onKey} />
        </main>
      ) : (
        <>
          <Thread
            exchanges={exchanges}
            generation={generation}
            reconnecting={reconnecting}
            onRetry={() => setNotice(conversation.retry(options))}
            onEdit={edit}
            empty={
              <EmptyChat
                model={gateway.status?.models[0]}
                onAsk={(text) => send({ text, documents: [] })}
                onSampleDocument={() => void attachSample()}
              />
            }
          />
          <Composer
            draft={draft}
            readings={composing.readings}
            forecast={forecast}
            hasHistory={exchanges.length > 0}
            notice={composing.notice}
            settings={settings}
            busy={busy}
            stopping={generation.stopping}
            boxRef={box}
            onWrite={composing.write}
            onFiles={composing.attach}
            onLongPaste={composing.attachPasted}
            onRemove={(id) => {
              composing.remove(id);
              focusBox();
            }}
            onChangeForm={composing.changeForm}
            onStopReading={composing.stopReading}
            onSettings={setSettings}
            onSend={() => send(draft)}
            onStop={() => {
              stop();
              focusBox();
            }}
          />
        </>
      )}
      <Announcer generation={generation} reconnecting={reconnecting && busy} />
      {over && <div className="drop-veil">Drop files or a folder to attach them</div>}
    </div>
  );
}

function useEscape(active: boolean, action: () => void): void {
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) action();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [active, action]);
}
