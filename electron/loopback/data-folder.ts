import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where each system wants an application's own files. */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
  home = homedir(),
): string {
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Vantage');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Vantage');
  return join(env.XDG_DATA_HOME ?? join(home, '.local', 'share'), 'vantage');
}
