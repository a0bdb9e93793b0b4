/** What the page may ask the system for. Electron's own default is to grant everything. */
import type { Session } from 'electron';
import { isOwnAddress } from './page-address.js';

/** Showing the viewer on the whole screen, and copying text. */
export const GRANTED_PERMISSIONS: ReadonlySet<string> = new Set(['fullscreen', 'clipboard-sanitized-write']);

type GuardedSession = Pick<
  Session,
  | 'setPermissionRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setDevicePermissionHandler'
  | 'setDisplayMediaRequestHandler'
>;

export function guardPermissions(session: GuardedSession): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(GRANTED_PERMISSIONS.has(permission) && isOwnAddress(details.requestingUrl));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) => GRANTED_PERMISSIONS.has(permission) && isOwnAddress(requestingOrigin),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
}
