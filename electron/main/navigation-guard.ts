/** Keeps a page where it is: it may load itself again, and nothing else may take its place or open beside it. */
import type { Session, WebContents } from 'electron';
import { isOwnAddress, isOwnDownload } from './page-address.js';

export function guardNavigation(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  // Electron passes the address in the event since version 25.
  const refuseForeign = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', refuseForeign);
  contents.on('will-frame-navigate', refuseForeign);
  contents.on('will-redirect', refuseForeign);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Files leave only from our own page; the system's dialog asks where to. */
export function guardDownloads(session: Pick<Session, 'on'>): void {
  session.on('will-download', (event, item) => {
    const isOurs = item.getURLChain().concat(item.getURL()).every(isOwnDownload);
    if (!isOurs) event.preventDefault();
  });
}
