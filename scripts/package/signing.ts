/** Signing needs a certificate, which comes from the environment; without one the application is left unsigned, and that is said. */
import type { ForgePackagerOptions } from '@electron-forge/shared-types';

type Environment = Readonly<Record<string, string | undefined>>;
type Signing = Pick<ForgePackagerOptions, 'osxSign' | 'osxNotarize' | 'windowsSign'>;

/** macOS: APPLE_ID, APPLE_PASSWORD, APPLE_TEAM_ID. Windows: WINDOWS_CERTIFICATE_FILE, WINDOWS_CERTIFICATE_PASSWORD. */
export function signing(environment: Environment, platform: string): Signing {
  if (platform === 'darwin') {
    const { APPLE_ID: appleId, APPLE_PASSWORD: appleIdPassword, APPLE_TEAM_ID: teamId } = environment;
    if (appleId === undefined || appleIdPassword === undefined || teamId === undefined) return {};
    return { osxSign: {}, osxNotarize: { appleId, appleIdPassword, teamId } };
  }
  if (platform === 'win32') {
    const { WINDOWS_CERTIFICATE_FILE: certificateFile, WINDOWS_CERTIFICATE_PASSWORD: certificatePassword } =
      environment;
    if (certificateFile === undefined || certificatePassword === undefined) return {};
    return { windowsSign: { certificateFile, certificatePassword } };
  }
  return {};
}

/** A sentence for the terminal. */
export function describeSigning(environment: Environment, platform: string): string {
  if (Object.keys(signing(environment, platform)).length > 0) return 'The application is signed.';
  if (platform === 'darwin') return 'Not signed: APPLE_ID, APPLE_PASSWORD and APPLE_TEAM_ID are not set.';
  if (platform === 'win32') return 'Not signed: WINDOWS_CERTIFICATE_FILE and WINDOWS_CERTIFICATE_PASSWORD are not set.';
  return 'Not signed: packages for this system carry no signature.';
}
