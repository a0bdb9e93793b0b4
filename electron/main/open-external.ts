/** The one place that hands an address to the system. */
import type { Shell } from 'electron';
import { parseUrl } from './page-address.js';

/** Hosts of the addresses that the application links to; subdomains are not included. */
export const ALLOWED_HOSTS: ReadonlySet<string> = new Set(['github.com']);

export class AddressNotAllowedError extends Error {
  override readonly name = 'AddressNotAllowedError';
}

/** `file:`, `javascript:`, `ms-…:` and the like start programs: only https, only known hosts, no credentials, the usual port. */
export function isAllowedOutside(address: string): boolean {
  const url = parseUrl(address);
  return (
    url?.protocol === 'https:' &&
    ALLOWED_HOSTS.has(url.hostname) &&
    url.port === '' &&
    url.username === '' &&
    url.password === ''
  );
}

export async function openOutside(shell: Pick<Shell, 'openExternal'>, address: string): Promise<void> {
  if (!isAllowedOutside(address)) throw new AddressNotAllowedError('This address is not one that Vantage opens.');
  await shell.openExternal(new URL(address).href);
}
