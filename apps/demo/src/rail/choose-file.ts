/** Lets the user choose a file. Nothing happens when the user chooses none. */
export function chooseFile(accept: string, use: (file: File) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) use(file);
  });
  input.click();
}
