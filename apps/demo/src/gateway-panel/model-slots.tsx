import type { GenerationInfo, ModelActivity } from '@headway/client';
import { useId } from 'react';

import {
  modelPercent,
  modelWords,
  requestTitle,
  requestWords,
  sizeWords,
  slotWords,
  speedWords,
} from './activity-words.ts';
import { RequestRow, type RequestActions } from './request-row.tsx';

interface ModelSlotsProps {
  model: ModelActivity;
  own: ReadonlyMap<string, GenerationInfo>;
  actions: RequestActions;
}

/** A model: its condition and memory, and what each of its slots does. */
export function ModelSlots({ model, own, actions }: ModelSlotsProps) {
  const name = useId();
  const percent = modelPercent(model);
  const size = sizeWords(model);
  return (
    <section className="panel-model" aria-labelledby={name}>
      <h3 id={name}>{model.id}</h3>
      <p className="model-state" data-state={model.state}>
        {modelWords(model)}
      </p>
      {percent !== null && <progress max={100} value={percent} aria-label={`${model.id} loaded`} />}
      {model.error !== undefined && <p className="model-error">{model.error}</p>}
      {size && <p className="panel-soft">{size}</p>}
      {model.state === 'ready' && <Slots model={model} own={own} actions={actions} />}
    </section>
  );
}

function Slots({ model, own, actions }: ModelSlotsProps) {
  const shown = new Set<string>();
  const rows = model.slots.map((slot, at) => {
    const id = slot.generation;
    const again = id !== null && shown.has(id);
    if (id !== null) shown.add(id);
    const info = id === null ? undefined : own.get(id);
    const title = id === null ? '' : requestTitle(id, actions.titleOf?.(id));
    return (
      // A slot has no name but its number.
      <li key={at} data-busy={slot.busy}>
        <span className="slot-number" aria-hidden="true">
          {at + 1}
        </span>
        {id === null || again ? (
          <p className="panel-soft">{again ? `Also ${title}` : slotWords(slot)}</p>
        ) : (
          <RequestRow id={id} title={title} info={info} actions={actions}>
            <p className="panel-soft">{info ? requestWords(info) : 'Begins or ends'}</p>
            {info && speedWords(info) && <p className="panel-soft">{speedWords(info)}</p>}
          </RequestRow>
        )}
      </li>
    );
  });
  return (
    <ol className="panel-slots" aria-label={`Slots of ${model.id}`}>
      {rows}
    </ol>
  );
}
