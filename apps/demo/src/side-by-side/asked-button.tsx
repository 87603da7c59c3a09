import type { ModelInfo } from '@headway/client';

import type { Asked } from '../conversation/new-replies.ts';
import { ColumnsIcon } from '../shell/icons.tsx';
import { Popover } from '../shell/popover.tsx';
import { askedText, mostAnswers, mostChoices } from './asked.ts';

interface AskedButtonProps {
  asked: Asked;
  /** The model of the conversation; undefined while unknown. */
  model: ModelInfo | undefined;
  models: readonly ModelInfo[];
  onChange: (asked: Asked) => void;
}

/** How many answers to ask for, and of which models. */
export function AskedButton({ asked, model, models, onChange }: AskedButtonProps) {
  const chosen = models.filter(({ id }) => asked.models.includes(id));
  const most = mostChoices(chosen.length > 0 ? chosen : model ? [model] : []);
  const text = askedText(asked);
  return (
    <Popover
      label={`Answers side by side: ${text}`}
      className="icon-button"
      side="above"
      button={
        <>
          <ColumnsIcon />
          {text !== 'one' && <span className="changed-mark" />}
        </>
      }
    >
      <fieldset className="setting">
        <legend>Answers to each message</legend>
        <div className="segments">
          {Array.from({ length: mostAnswers }, (_, at) => at + 1).map((number) => (
            <label key={number} title={number > most ? `There are ${most} slots` : undefined}>
              <input
                type="radio"
                name="choices"
                checked={Math.min(asked.choices, most) === number}
                disabled={number > most}
                onChange={() => onChange({ ...asked, choices: number })}
              />
              <span>{number}</span>
            </label>
          ))}
        </div>
        <p className="setting-hint">The prompt is read once for all answers of a model.</p>
      </fieldset>
      {models.length > 1 && (
        <fieldset className="setting">
          <legend>Models to compare</legend>
          {models.map(({ id }) => (
            <label key={id} className="check">
              <input
                type="checkbox"
                checked={asked.models.includes(id)}
                disabled={!asked.models.includes(id) && asked.models.length >= mostAnswers}
                onChange={(event) =>
                  onChange({
                    ...asked,
                    models: event.currentTarget.checked
                      ? [...asked.models, id]
                      : asked.models.filter((one) => one !== id),
                  })
                }
              />
              <span>{id}</span>
            </label>
          ))}
        </fieldset>
      )}
    </Popover>
  );
}
