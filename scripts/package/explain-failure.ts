/** What a user of `npm run package` or `npm run make` reads when it fails. */
const NETWORK =
  /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|socket hang up|fetch failed|RequestError|HTTPError|Response code|getaddrinfo|network|proxy|tunneling/i;

export function explainFailure(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (!NETWORK.test(text)) return `Packaging failed: ${error instanceof Error ? (error.stack ?? text) : text}`;
  return (
    `Electron's zip or a packaging tool cannot be downloaded from here (${text.split('\n')[0] ?? ''}). ` +
    'Connect to the internet, set ELECTRON_MIRROR to a mirror, or put electron-v<version>-<platform>-<arch>.zip into a folder ' +
    'and name it with VANTAGE_ELECTRON_ZIPS.'
  );
}
