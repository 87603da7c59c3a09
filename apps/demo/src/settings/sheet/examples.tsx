interface ExamplesProps {
  label: string;
  examples: readonly { name: string; schema: object }[];
  onUse: (text: string) => void;
}

/** Buttons that put an example of a schema into its field. */
export function Examples({ label, examples, onUse }: ExamplesProps) {
  return (
    <div className="examples" role="group" aria-label={label}>
      <span>Examples</span>
      {examples.map(({ name, schema }) => (
        <button key={name} type="button" className="text-button" onClick={() => onUse(JSON.stringify(schema, null, 2))}>
          {name}
        </button>
      ))}
    </div>
  );
}
