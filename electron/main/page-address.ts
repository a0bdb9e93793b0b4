/** Where the window's page lives, and whether an address is part of it. */

export const PAGE_SCHEME = 'app';
export const PAGE_HOST = 'vantage';
export const PAGE_ADDRESS = `${PAGE_SCHEME}://${PAGE_HOST}/index.html`;

/**
 * Takes the address apart and compares scheme and host whole: `app://vantage.evil.example` starts like ours. `URL.origin` is no help, it is
 * `"null"` for every scheme that browsers do not know.
 */
export function isOwnAddress(address: string): boolean {
  const url = parseUrl(address);
  return url?.protocol === `${PAGE_SCHEME}:` && url.host === PAGE_HOST && url.username === '' && url.password === '';
}

/** Our own files, and what our own page made with `URL.createObjectURL`. */
export function isOwnDownload(address: string): boolean {
  const url = parseUrl(address);
  return url?.protocol === 'blob:' ? isOwnAddress(url.pathname) : isOwnAddress(address);
}

export function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
