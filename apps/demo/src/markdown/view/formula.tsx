import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';

type Temml = Pick<typeof import('temml'), 'render'>;

let temml: Temml | null = null;
let loading: Promise<void> | null = null;

/** Loaded with the first formula. */
function loadTemml(): Promise<void> {
  loading ??= import('./temml.ts').then(
    (module) => {
      temml = module.temml;
    },
    () => {
      loading = null;
    },
  );
  return loading;
}

interface FormulaProps {
  source: string;
  display: boolean;
  /** Shown until the library is there, and instead of a formula that has a mistake. */
  raw: string;
}

/** A formula as MathML, which needs neither fonts nor styles of its own. */
export const Formula = memo(function Formula({ source, display, raw }: FormulaProps) {
  const [ready, setReady] = useState(temml !== null);
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!ready) void loadTemml().then(() => setReady(temml !== null));
  }, [ready]);

  useLayoutEffect(() => {
    if (element.current) showFormula(element.current, { source, display, raw });
  }, [ready, source, display, raw]);
  return display ? (
    <span ref={element} className="formula" data-display role="group" aria-label="Formula" tabIndex={0} />
  ) : (
    <span ref={element} className="formula" />
  );
});

/** A formula links nowhere, loads nothing, and is no larger than the page (`maxSize` in em and pt). */
const options = { trust: false, throwOnError: true, maxExpand: 500, maxSize: [40, 400] as [number, number] };

function showFormula(element: HTMLElement, { source, display, raw }: FormulaProps): void {
  try {
    if (!temml) throw new Error('not loaded yet');
    temml.render(source, element, { ...options, displayMode: display });
  } catch {
    element.textContent = raw;
  }
}
