/** A file that is written while it grows, where the browser has such (the File System Access API). */

interface PickerWindow {
  readonly showSaveFilePicker?: (options: {
    readonly suggestedName: string;
    readonly types: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[];
  }) => Promise<{ createWritable(): Promise<FileSystemWritableFileStream> }>;
}

/**
 * null: the browser has none, or is not allowed to; the file is then made in memory. The bytes reach the picked file only on `close`:
 * until then they stand in a file of the browser's, which `abort` throws away.
 *
 * @throws DOMException AbortError when the user closes the dialog.
 */
export async function openFileStream(
  suggestedName: string,
  type: string,
  extension: string,
): Promise<FileSystemWritableFileStream | null> {
  const { showSaveFilePicker } = window as PickerWindow;
  if (showSaveFilePicker === undefined) return null;
  try {
    const handle = await showSaveFilePicker({ suggestedName, types: [{ accept: { [type]: [extension] } }] });
    return await handle.createWritable();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    return null;
  }
}
