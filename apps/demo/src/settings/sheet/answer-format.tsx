import { Examples } from './examples.tsx';
import { Field } from './field.tsx';

const examples = [
  {
    name: 'A list of texts',
    schema: {
      type: 'object',
      properties: { items: { type: 'array', items: { type: 'string' } } },
      required: ['items'],
    },
  },
  {
    name: 'A rating',
    schema: {
      type: 'object',
      properties: {
        rating: { type: 'integer', minimum: 1, maximum: 5 },
        reason: { type: 'string' },
      },
      required: ['rating', 'reason'],
    },
  },
  {
    name: 'People with dates',
    schema: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, born: { type: 'string', format: 'date' } },
        required: ['name', 'born'],
      },
    },
  },
  { name: 'Any object', schema: { type: 'object' } },
];

interface AnswerFormatProps {
  value: string;
  fault: string | undefined;
  onChange: (schema: string) => void;
}

/** The schema of answers in JSON. */
export function AnswerFormat({ value, fault, onChange }: AnswerFormatProps) {
  return (
    <section className="sheet-section">
      <h3>JSON answers</h3>
      <Field
        label="JSON schema of the answer"
        hint="The answer then is JSON of this schema, and nothing else. Tell the model in words, too, what to fill in."
        placeholder="None: the answer is text"
        rows={value === '' ? 3 : 8}
        code
        value={value}
        fault={fault}
        onChange={onChange}
      />
      <Examples label="Examples of schemas" examples={examples} onUse={onChange} />
    </section>
  );
}
