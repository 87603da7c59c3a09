import type { ModelInfo } from '@headway/client';

import { bytes, count, parameters, tokens } from '../words/quantities.ts';
import { CopyButton } from './copy-button.tsx';
import { ChevronIcon } from './icons.tsx';
import { Popover } from './popover.tsx';
import type { Gateway } from './use-gateway.ts';

export const loadCommand = 'npm start -- --model path/to/model.gguf';

interface ModelBadgeProps {
  gateway: Gateway;
  /** Whether the client is reconnecting. */
  reconnecting: boolean;
  /** Null for the gateway's default model, the first. */
  chosen: string | null;
  onChoose: (id: string) => void;
}

/** The model's name and context, and the gateway's condition. Pressing it shows all details. */
export function ModelBadge({ gateway, reconnecting, chosen, onChoose }: ModelBadgeProps) {
  const models = gateway.status?.models ?? [];
  const model = models.find(({ id }) => id === chosen) ?? models[0];
  const condition = conditionOf(gateway, model, reconnecting);
  const size = model?.contextSize ? `${count(model.contextSize)} tokens of context` : '';
  const context = condition.tone === 'good' ? size : '';
  return (
    <Popover
      label={[model?.id ?? 'Model', context, condition.words].filter(Boolean).join(', ')}
      className="model-badge"
      side="below"
      button={
        <>
          <span className="state-dot" data-tone={condition.tone} />
          <span className="model-name">{model?.id ?? condition.words}</span>{' '}
          {condition.tone === 'good' ? (
            <span className="model-context">{context}</span>
          ) : (
            model && <span className="model-condition">{condition.words}</span>
          )}
          <ChevronIcon />
        </>
      }
    >
      <p className="popover-lead">{condition.detail}</p>
      {models.length > 1 && (
        <label className="setting">
          <span>Model for the next message</span>
          <select value={model?.id} onChange={(event) => onChoose(event.currentTarget.value)}>
            {models.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
      )}
      {model && <ModelFacts model={model} />}
      <div className="load-command at-a-desk">
        <p>Start Headway with another model:</p>
        <div>
          <code>{loadCommand}</code>
          <CopyButton text={loadCommand} what="command" />
        </div>
      </div>
    </Popover>
  );
}

function ModelFacts({ model }: { model: ModelInfo }) {
  const facts: [string, string | null][] = [
    ['Context', model.contextSize && tokens(model.contextSize)],
    ['Parameters', model.parameters && parameters(model.parameters)],
    ['Size', model.sizeBytes && bytes(model.sizeBytes)],
    ['Memory', model.memoryBytes ? bytes(model.memoryBytes) : null],
    ['Parallel answers', count(model.slots)],
    [
      'Runs on',
      model.device &&
        [model.device.toUpperCase(), model.threads && threads(model.threads, model.prefillThreads)]
          .filter(Boolean)
          .join(', '),
    ],
  ].map(([name, value]) => [String(name), value ? String(value) : null]);
  return (
    <dl className="model-facts">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function threads(decode: number, prefill: number | null): string {
  if (prefill !== null && prefill !== decode) return `${decode} threads to write, ${prefill} to read`;
  return `${decode} ${decode === 1 ? 'thread' : 'threads'}`;
}

interface Condition {
  tone: 'good' | 'busy' | 'bad';
  words: string;
  detail: string;
}

function conditionOf({ connection, status }: Gateway, model: ModelInfo | undefined, reconnecting: boolean): Condition {
  if (connection === 'lost')
    return {
      tone: 'bad',
      words: 'Not connected',
      detail: 'The gateway does not answer. The page keeps trying; check that the gateway runs.',
    };
  if (connection === 'locked') return { tone: 'bad', words: 'Locked', detail: 'The gateway needs a key.' };
  if (reconnecting)
    return {
      tone: 'busy',
      words: 'Reconnecting',
      detail: 'The connection was lost, and the page tries to open it again.',
    };
  if (connection === 'connecting' || !status || !model)
    return { tone: 'busy', words: 'Connecting', detail: 'Waiting for the gateway to answer.' };
  switch (model.state) {
    case 'loading':
      return { tone: 'busy', words: 'Loading', detail: 'The model is loading. Messages wait for it.' };
    case 'unloaded':
      return { tone: 'good', words: 'Not loaded', detail: 'The next message loads the model, and waits for it.' };
    case 'unloading':
      return {
        tone: 'busy',
        words: 'Making room',
        detail: 'The model leaves the memory. The next message loads it again.',
      };
    case 'failed':
      return { tone: 'bad', words: 'Failed', detail: model.error ?? 'The model could not be loaded.' };
    case 'ready': {
      const { busy, total } = status.slots;
      const together = status.models.length > 1 ? `, of ${count(status.models.length)} models together` : '';
      const queue = status.queued > 0 ? `, ${count(status.queued)} waiting` : '';
      return {
        tone: 'good',
        words: 'Ready',
        detail: `Ready. ${busy} of ${total} ${total === 1 ? 'slot' : 'slots'} at work${together}${queue}.`,
      };
    }
    default:
      return model.state satisfies never;
  }
}
