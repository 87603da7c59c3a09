import { renderToStaticMarkup } from 'react-dom/server';

import { Composer } from './composer/composer.tsx';
import { emptyDraft } from './composer/draft.ts';
import type { PromptForecast } from './forecast/use-forecast.ts';
import { ConversationList } from './rail/conversation-list.tsx';
import { Rail } from './rail/rail.tsx';
import { RailTabs } from './rail/rail-tabs.tsx';
import type { Gateway } from './shell/use-gateway.ts';
import { SettingsButton } from './settings/settings-button.tsx';
import { AskedButton } from './side-by-side/asked-button.tsx';
import { EmptyChat } from './thread/empty-chat.tsx';

// The build renders this in Node.
globalThis.matchMedia ??= () => Object.assign(new EventTarget(), { matches: false }) as MediaQueryList;
const { Header } = await import('./shell/header.tsx');

const unknown: Gateway = { connection: 'connecting', status: null };
const nothing = () => undefined;
const noForecast: PromptForecast = { forecast: { state: 'none' }, documentTokens: new Map() };

/** The HTML of a new chat, with the same elements as in `App` at the same places. */
export function firstContent(): string {
  return renderToStaticMarkup(
    <div className="app">
      <Header gateway={unknown} reconnecting={false} model={null} onModel={nothing} onNewChat={null} onRail={nothing} />
      <Rail open={false} onClose={nothing}>
        <RailTabs shown="chats" onShow={nothing}>
          <ConversationList
            ready={false}
            conversations={[]}
            current={null}
            running={new Set()}
            texts={() => Promise.resolve(new Map())}
            onShow={nothing}
            onRename={nothing}
            onPin={nothing}
            onExport={nothing}
            onDelete={nothing}
          />
        </RailTabs>
      </Rail>
      <main className="thread">
        <div className="thread-scroll">
          <div className="thread-column">
            <EmptyChat model={undefined} onAsk={nothing} onSampleDocument={nothing} />
          </div>
        </div>
      </main>
      <Composer
        draft={emptyDraft}
        readings={[]}
        forecast={noForecast}
        hasHistory={false}
        notice={null}
        settingsButton={<SettingsButton changed={false} onOpen={nothing} />}
        askedButton={
          <AskedButton asked={{ models: [], choices: 1 }} model={undefined} models={[]} onChange={nothing} />
        }
        busy={false}
        stopping={false}
        boxRef={null}
        onWrite={nothing}
        onFiles={nothing}
        onLongPaste={nothing}
        onRemove={nothing}
        onChangeForm={nothing}
        onStopReading={nothing}
        onSend={nothing}
        onStop={nothing}
      />
    </div>,
  );
}
