/**
 * Sends this process a SIGTERM when its parent ends. On SIGTERM npm signals only the shell between npm and this
 * process, and some shells end without passing the signal on.
 */
export function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  timer.unref();
}
