// Runs before the first paint, and tells the prerendered page what only this browser knows. The keys are those of
// use-theme.ts, take-over.ts and remembered-chat.ts.
try {
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem('headway-theme');
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
  if (localStorage.getItem('headway-font') !== null) dataset.font = '';
  if (sessionStorage.getItem('headway-chat') !== null) dataset.returning = '';
} catch {
  // The browser may forbid storage.
}
