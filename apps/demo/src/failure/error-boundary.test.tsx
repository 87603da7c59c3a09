import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { ErrorBoundary } from './error-boundary.tsx';

test('a part that renders is shown, and one that failed is replaced by a sentence', () => {
  expect(renderToStaticMarkup(<ErrorBoundary what="This message">text</ErrorBoundary>)).toBe('text');
  const failed = new ErrorBoundary({ what: 'This message', children: 'text' });
  failed.state = ErrorBoundary.getDerivedStateFromError(new TypeError('x is not iterable'));
  const shown = renderToStaticMarkup(<>{failed.render()}</>);
  expect(shown).toContain('This message cannot be shown: x is not iterable. Your chats are kept in this browser.');
  expect(shown).not.toContain('>text<');
  expect(ErrorBoundary.getDerivedStateFromError('odd').error.message).toBe('odd');
});
