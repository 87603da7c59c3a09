import type { HeadwayClient, ModelInfo } from '@headway/client';
import { useEffect, useMemo, useRef, useState } from 'react';

import { CloseIcon } from '../../shell/icons.tsx';
import '../../styles/settings-sheet.css';
import { count } from '../../words/quantities.ts';
import { numberFields } from '../form/number-fields.ts';
import { formOf, readForm, type SettingsForm } from '../form/settings-form.ts';
import type { SettingsState, SettingsStore } from '../settings-store.ts';
import { noSettings, type Settings } from '../settings.ts';
import { AnswerFormat } from './answer-format.tsx';
import { Field } from './field.tsx';
import { ModelDefaults } from './model-defaults.tsx';
import { Presets } from './presets.tsx';
import { Tools } from './tools.tsx';
import { useRefusals } from './use-refusals.ts';

interface SettingsSheetProps {
  client: Pick<HeadwayClient, 'estimate'>;
  /** Whom the settings are for; undefined while unknown. */
  model: ModelInfo | undefined;
  store: SettingsStore;
  state: SettingsState;
  settings: Settings;
  /** Whether the chat has no message yet. */
  isNew: boolean;
  onChange: (settings: Settings) => void;
  onClose: () => void;
}

/**
 * The settings of the shown chat, beside it. A change counts at once when all fields are valid. The browser keeps the focus
 * inside and returns it.
 */
export function SettingsSheet(props: SettingsSheetProps) {
  const { client, model, store, state, settings, isNew, onChange, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  const [form, setForm] = useState(() => formOf(settings));
  const own = useMemo(() => readForm(form).faults, [form]);
  const refusals = useRefusals(client, own ? null : settings, model);
  const faultOf = (field: string) => own?.get(field) ?? refusals.get(field);

  const change = (part: Partial<SettingsForm>) => {
    const next = { ...form, ...part };
    setForm(next);
    const read = readForm(next);
    if (read.settings) onChange(read.settings);
  };
  const use = (next: Settings) => {
    setForm(formOf(next));
    onChange(next);
  };

  return (
    <dialog
      ref={dialog}
      className="sheet"
      aria-labelledby="settings-title"
      onClose={onClose}
      onClick={(event) => {
        // The dialog itself is hit only outside its content.
        if (event.target === dialog.current) dialog.current.close();
      }}
      // The page's own Esc stops a running answer.
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
    >
      <div className="sheet-content">
        <header className="sheet-head">
          <h2 id="settings-title">Settings of this chat</h2>
          <button
            type="button"
            className="icon-button"
            aria-label="Close"
            title="Close (Esc)"
            onClick={() => dialog.current?.close()}
          >
            <CloseIcon />
          </button>
          <p>They count from the next message on.</p>
        </header>
        <Presets presets={state.presets} settings={settings} savable={!own} store={store} onUse={use} />
        <section className="sheet-section">
          <h3>System prompt</h3>
          <Field
            label="What the model should know or be"
            hint="The model reads it before the first message."
            placeholder="None"
            rows={3}
            value={form.system}
            fault={faultOf('system')}
            onChange={(system) => change({ system })}
          />
        </section>
        <section className="sheet-section">
          <h3>Sampling</h3>
          <div className="sheet-fields">
            {numberFields.map(({ name, label, hint, fallback }) => (
              <Field
                key={name}
                label={label}
                hint={hint}
                placeholder={`Default: ${fallback}`}
                inputMode="decimal"
                value={form[name]}
                fault={faultOf(name)}
                onChange={(text) => change({ [name]: text })}
              />
            ))}
          </div>
          <Field
            label="Stop texts"
            hint="One in each line. The answer ends before the first of them. Write \n for a line break."
            placeholder="None"
            rows={2}
            value={form.stop}
            fault={faultOf('stop')}
            onChange={(stop) => change({ stop })}
          />
          <fieldset className="setting">
            <legend>Thinking</legend>
            <div className="segments">
              {thinkings.map(({ value, label }) => (
                <label key={value}>
                  <input
                    type="radio"
                    name="thinking"
                    checked={form.thinking === value}
                    onChange={() => change({ thinking: value })}
                  />
                  <span>{label}</span>
                </label>
              ))}
            </div>
            <p className="setting-hint">For models that can do both. Others ignore it.</p>
          </fieldset>
        </section>
        <AnswerFormat
          value={form.answerSchema}
          fault={faultOf('answerSchema')}
          onChange={(answerSchema) => change({ answerSchema })}
        />
        <Tools tools={form.tools} faultOf={faultOf} onChange={(tools) => change({ tools })} />
        <ModelDefaults
          model={model?.id}
          defaults={state.defaults}
          settings={settings}
          savable={!own}
          isNew={isNew}
          store={store}
          onUse={use}
        />
        {state.fault !== null && <p className="notice">{state.fault}</p>}
      </div>
      <footer className="sheet-foot">
        <p role="status">
          {own &&
            `${count(own.size)} ${own.size === 1 ? 'field needs' : 'fields need'} a change. Until then the settings stay.`}
        </p>
        <button type="button" className="text-button" onClick={() => use(noSettings)}>
          Reset all
        </button>
        <button type="button" className="text-button" data-primary onClick={() => dialog.current?.close()}>
          Done
        </button>
      </footer>
    </dialog>
  );
}

const thinkings = [
  { value: 'default', label: 'Model’s default' },
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
] as const;

function useModal(dialog: { readonly current: HTMLDialogElement | null }): void {
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [dialog]);
}
