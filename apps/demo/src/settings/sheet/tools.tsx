import { createGenerationId } from '@headway/protocol';

import type { ToolForm } from '../form/settings-form.ts';
import { Field } from './field.tsx';

const example = {
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  parameters: JSON.stringify({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }, null, 2),
};

interface ToolsProps {
  tools: readonly ToolForm[];
  faultOf: (field: string) => string | undefined;
  onChange: (tools: readonly ToolForm[]) => void;
}

/** The tools that the model may call. The user runs them. */
export function Tools({ tools, faultOf, onChange }: ToolsProps) {
  const change = (changed: ToolForm) => onChange(tools.map((tool) => (tool.key === changed.key ? changed : tool)));
  const add = (tool: Omit<ToolForm, 'key'>) => onChange([...tools, { key: createGenerationId(), ...tool }]);
  return (
    <section className="sheet-section">
      <h3>Tools</h3>
      <p className="setting-hint">
        The model may call these. You see each call, run it yourself, and paste its result in.
      </p>
      {tools.map((tool, at) => {
        const name = tool.name.trim() || `tool ${at + 1}`;
        return (
          <fieldset key={tool.key} className="tool-form">
            <legend>{name}</legend>
            <Field
              label="Name"
              of={name}
              hint="Letters, digits, “_” and “-”."
              placeholder="get_weather"
              resets={false}
              value={tool.name}
              fault={faultOf(`tools[${at}].name`)}
              onChange={(name) => change({ ...tool, name })}
            />
            <Field
              label="Description"
              of={name}
              hint="What it does and when to call it."
              placeholder="None"
              rows={2}
              resets={false}
              value={tool.description}
              fault={faultOf(`tools[${at}].description`)}
              onChange={(description) => change({ ...tool, description })}
            />
            <Field
              label="JSON schema of the arguments"
              of={name}
              hint="An object whose properties are the arguments."
              placeholder="None: it takes no arguments"
              rows={tool.parameters === '' ? 3 : 8}
              code
              resets={false}
              value={tool.parameters}
              fault={faultOf(`tools[${at}].parameters`)}
              onChange={(parameters) => change({ ...tool, parameters })}
            />
            <button
              type="button"
              className="text-button"
              onClick={() => onChange(tools.filter(({ key }) => key !== tool.key))}
            >
              Remove {name}
            </button>
          </fieldset>
        );
      })}
      <div className="examples">
        <button
          type="button"
          className="text-button"
          onClick={() => add({ name: '', description: '', parameters: '' })}
        >
          Add a tool
        </button>
        {tools.every(({ name }) => name !== example.name) && (
          <button type="button" className="text-button" onClick={() => add(example)}>
            Add an example
          </button>
        )}
      </div>
    </section>
  );
}
