import { useConnection } from '@headway/client/react';
import { useCallback, useMemo, useRef, useState } from 'react';

import { showConversation } from './chats/address.ts';
import type { Session } from './chats/session.ts';
import { Composer } from './composer/composer.tsx';
import { emptyDraft, isEmpty, type Draft } from './composer/draft.ts';
import { useDraft } from './composer/use-draft.ts';
import { useKeptDraft } from './chats/drafts/use-kept-draft.ts';
import { useShownChat } from './chats/use-shown-chat.ts';
import { useThreadActions } from './chats/use-thread-actions.ts';
import type { Asked } from './conversation/new-replies.ts';
import { messagesToForecast } from './conversation/request-content.ts';
import { loadSampleDocument } from './documents/sample-document.ts';
import { useDrop } from './documents/use-drop.ts';
import { useForecast } from './forecast/use-forecast.ts';
import { ChatRail } from './rail/chat-rail.tsx';
import { useDeletion } from './rail/use-deletion.tsx';
import { Header } from './shell/header.tsx';
import { KeyPrompt } from './shell/key-prompt.tsx';
import { PageProgress } from './thread/page-progress.tsx';
import { useTakeOver } from './shell/take-over.ts';
import { useEscape } from './shell/use-escape.ts';
import { useGateway } from './shell/use-gateway.ts';
import { requestFields, type Settings } from './settings/settings.ts';
import { SettingsButton } from './settings/settings-button.tsx';
import { useSettings } from './settings/use-settings.ts';
import { useSettingsSheet } from './settings/use-settings-sheet.ts';
import { askable } from './side-by-side/asked.ts';
import { AskedButton } from './side-by-side/asked-button.tsx';
import type { Shelf } from './storage/shelf.ts';
import { EmptyChat } from './thread/empty-chat.tsx';
import { Thread } from './thread/thread.tsx';

interface AppProps {
  session: Session;
  shelf: Shelf;
  onKey: (key: string) => void;
}

export function App({ session, shelf, onKey }: AppProps) {
  const { client, chats, hasKey } = session;
  const { library, runs } = chats;
  const { state, exchanges, lastExchange, last, busy, stopping } = useShownChat(chats);
  const { current } = state;

  const gateway = useGateway(client, busy);
  const reconnecting = useConnection(client).phase === 'reconnecting';
  const composing = useDraft();
  const { draft, replace, setNotice } = composing;
  const keptDraft = useKeptDraft(shelf, current?.id ?? null, draft, replace);
  const [newModel, setNewModel] = useState<string | null>(null);
  const model = current ? current.model : newModel;
  const all = gateway.status?.models ?? [];
  const inUse = all.find(({ id }) => id === model) ?? all[0];
  const kept = useSettings({ store: session.settings, current, model: inUse?.id ?? model });
  const { settings, changeNew } = kept;
  const sheet = useSettingsSheet(setNotice);
  const [asked, setAsked] = useState<Asked>({ models: [], choices: 1 });
  const [railOpen, setRailOpen] = useState(false);
  const deletion = useDeletion(chats, state);
  const box = useRef<HTMLTextAreaElement>(null);
  const over = useDrop(composing.attach);

  const focusBox = useCallback(() => box.current?.focus(), []);
  const stop = useCallback(() => {
    if (lastExchange) chats.stopAll(lastExchange.replies.filter(({ result }) => result === null));
  }, [chats, lastExchange]);
  useEscape(busy, stop);

  const options = useMemo(
    () => ({ settings, ...askable(asked, gateway.status?.models ?? [], model) }),
    [settings, model, asked, gateway.status],
  );

  const request = useMemo(() => {
    // An answer that still runs has no forecast after it.
    const messages = busy ? null : messagesToForecast(exchanges, draft, settings.system);
    return messages && { messages, ...requestFields(settings), ...(model !== null && { model }) };
  }, [busy, exchanges, draft, settings, model]);
  const models = gateway.connection === 'connected' ? (gateway.status?.models ?? []) : [];
  const served = models.find(({ id }) => id === model) ?? models[0];
  const forecast = useForecast(client, {
    request,
    documents: draft.documents,
    model: served,
    occasion: gateway.status?.slots.busy,
  });

  const send = (message: Draft) => {
    if (busy || isEmpty(message)) return;
    const problem = chats.send(message, options);
    if (problem === null) {
      changeNew(null);
      if (message === draft) {
        keptDraft.sent();
        replace(emptyDraft);
      }
    } else setNotice(problem);
    focusBox();
  };

  const { answerAgain, resend, sendResults, choose, pick, stopReply } = useThreadActions(chats, {
    options,
    setNotice,
    focusBox,
  });

  const show = useCallback((id: string | null) => {
    showConversation(id);
    setRailOpen(false);
  }, []);
  const closeRail = useCallback(() => setRailOpen(false), []);
  const newChat = () => {
    changeNew(null);
    show(null);
    focusBox();
  };

  const attachSample = async () => {
    try {
      const sample = await loadSampleDocument();
      const text = draft.text.trim() === '' ? 'What is the first section?' : draft.text;
      replace({ text, documents: [...draft.documents, sample] });
    } catch {
      setNotice('The sample document could not be loaded. Is the gateway running?');
    }
    focusBox();
  };

  const locked = gateway.connection === 'locked';
  useTakeOver(locked || (state.ready && keptDraft.known));

  return (
    <div className="app">
      <Header
        gateway={gateway}
        reconnecting={reconnecting}
        model={model}
        onModel={(id) => {
          if (current) library.update(current.id, (one) => ({ ...one, model: id }));
          else setNewModel(id);
        }}
        onNewChat={current === null ? null : newChat}
        onRail={() => setRailOpen(true)}
      />
      <ChatRail
        session={session}
        gateway={gateway}
        state={state}
        open={railOpen}
        onClose={closeRail}
        onShow={show}
        onDelete={deletion.remove}
        onNotice={setNotice}
      />
      {locked ? (
        <main className="thread">
          <KeyPrompt refused={hasKey} onKey={onKey} />
        </main>
      ) : (
        <>
          <Thread
            key={current?.id ?? 'new'}
            exchanges={exchanges}
            runs={runs}
            reconnecting={reconnecting}
            onAnswerAgain={answerAgain}
            onResend={resend}
            onResults={sendResults}
            onChoose={choose}
            onPick={pick}
            onStop={stopReply}
            empty={
              state.ready && (
                <EmptyChat
                  model={gateway.status?.models[0]}
                  onAsk={(text) => send({ text, documents: [] })}
                  onSampleDocument={() => void attachSample()}
                />
              )
            }
          />
          <Composer
            draft={draft}
            readings={composing.readings}
            forecast={forecast}
            hasHistory={exchanges.length > 0}
            notice={composing.notice ?? state.fault ?? null}
            settingsButton={<SettingsButton changed={Object.keys(settings).length > 0} onOpen={sheet.open} />}
            askedButton={<AskedButton asked={asked} model={served} models={models} onChange={setAsked} />}
            busy={busy}
            stopping={stopping}
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
            onSend={() => send(draft)}
            onStop={() => {
              stop();
              focusBox();
            }}
          />
        </>
      )}
      {sheet.Sheet && (
        <sheet.Sheet
          client={client}
          model={inUse}
          store={session.settings}
          state={kept}
          settings={settings}
          isNew={current === null}
          onChange={(next: Settings) => {
            if (current) library.update(current.id, (one) => ({ ...one, settings: next }));
            else changeNew(next);
          }}
          onClose={sheet.close}
        />
      )}
      {deletion.notice}
      <PageProgress reply={last} runs={runs} reconnecting={reconnecting} />
      {over && <div className="drop-veil">Drop files or a folder to attach them</div>}
    </div>
  );
}
