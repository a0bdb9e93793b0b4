import { spawn } from 'node:child_process';

/** The program that opens an address in the user's browser; the address is an argument, never part of a command line. */
export function browserCommand(url: string, platform: NodeJS.Platform = process.platform): readonly [string, string[]] {
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return [platform === 'darwin' ? 'open' : 'xdg-open', [url]];
}

/** Opens http and https addresses alone. Answers false where there is no way to open one. */
export function openInBrowser(url: string): Promise<boolean> {
  const { protocol } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return Promise.resolve(false);
  const [command, parameters] = browserCommand(url);
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { stdio: 'ignore', detached: true });
    child.on('error', () => resolve(false));
    child.on('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
