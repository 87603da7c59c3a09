// Runs before the first paint. It sets what the prerendered page needs to know of this browser; the keys are those of
// use-theme.ts and remembered-chat.ts.
try {
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem('headway-theme');
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
  if (sessionStorage.getItem('headway-chat') !== null) dataset.returning = '';
} catch {
  // The browser may forbid storage.
}
