/** A project's name becomes a folder's: what no file system takes is refused while it is typed. */
// eslint-disable-next-line no-control-regex -- control characters are among what must not stand in a name
const FORBIDDEN = /[/\\:*?"<>|\u0000-\u001f]/;
export const MAX_NAME_LENGTH = 120;

export function checkProjectName(name: string): 'nameMissing' | 'nameBad' | null {
  const plain = name.trim();
  if (plain === '') return 'nameMissing';
  return FORBIDDEN.test(plain) || /^\.+$/.test(plain) || plain.length > MAX_NAME_LENGTH ? 'nameBad' : null;
}
