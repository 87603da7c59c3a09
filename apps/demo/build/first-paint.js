// Runs before the first paint, and tells the prerendered page what only this browser knows. The keys are those of
// use-theme.ts and take-over.ts; the address of a chat is that of address.ts.
try {
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem('headway-theme');
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
  if (localStorage.getItem('headway-font') !== null) dataset.font = '';
  if (location.hash.startsWith('#chat/')) dataset.returning = '';
} catch {
  // The browser may forbid storage.
}
